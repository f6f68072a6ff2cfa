// A learner of a test: signs in by the development route and calls the edge with the cookie that it set.

import { exports } from "cloudflare:workers";
import { type Session, sessionSchema } from "#wire/session.ts";
import { type Role, signInClaimsSchema } from "#wire/tokens.ts";
import { BROWSER_SUBPROTOCOL } from "#wire/version.ts";
import { ORIGIN, TestSocket } from "./test-socket.ts";

export type Call = { method?: string; body?: unknown; headers?: Record<string, string> };

export async function call(path: string, { method = "GET", body, headers = {} }: Call = {}): Promise<Response> {
  const json = body === undefined ? {} : { "Content-Type": "application/json" };
  const init = { method, headers: { Origin: ORIGIN, ...json, ...headers } };
  return exports.default.fetch(`${ORIGIN}${path}`, body === undefined ? init : { ...init, body: JSON.stringify(body) });
}

export class Learner {
  readonly user: string;
  readonly cookie: string;

  constructor(user: string, cookie: string) {
    this.user = user;
    this.cookie = cookie;
  }

  static async signIn(login: string, role: Role = "learner"): Promise<Learner> {
    const response = await call("/auth/dev", { method: "POST", body: { login, role } });
    const cookie = response.headers.get("Set-Cookie")?.split(";")[0] ?? "";
    return new Learner(signInClaimsSchema.parse(await response.json()).user, cookie);
  }

  call(path: string, { headers = {}, ...rest }: Call = {}): Promise<Response> {
    return call(path, { ...rest, headers: { Cookie: this.cookie, ...headers } });
  }

  async open(challengeId = "first-image", headers: Record<string, string> = {}): Promise<Session> {
    const response = await this.call("/api/sessions", { method: "POST", body: { challengeId }, headers });
    return sessionSchema.parse(await response.json());
  }

  async session(): Promise<Session> {
    return sessionSchema.parse(await (await this.call("/api/sessions/current")).json());
  }

  /** A browser socket whose other end reads nothing, not even its close. */
  async dialUnread(session: string): Promise<WebSocket> {
    const own = { Cookie: this.cookie, Origin: ORIGIN, "Sec-WebSocket-Protocol": BROWSER_SUBPROTOCOL };
    const headers = { Upgrade: "websocket", ...own };
    const { webSocket } = await exports.default.fetch(`${ORIGIN}/ws/sessions/${session}`, { headers });
    if (webSocket === null) throw new Error("The upgrade was refused");
    return webSocket;
  }

  connect(session: string, headers: Record<string, string> = {}): Promise<TestSocket> {
    const own = { Cookie: this.cookie, Origin: ORIGIN, "Sec-WebSocket-Protocol": BROWSER_SUBPROTOCOL };
    return TestSocket.open(`/ws/sessions/${session}`, { ...own, ...headers });
  }
}
