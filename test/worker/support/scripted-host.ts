// A runner host of a test: joins a pool, holds the control socket, and dials data sockets with the tickets it was given.

import { env } from "cloudflare:workers";
import type { Claim, HostHello } from "#wire/runner.ts";
import { TokenSigner } from "#wire/signed-token.ts";
import { registeredHostSchema } from "#wire/tokens.ts";
import { RUNNER_PROTOCOL_VERSION } from "#wire/version.ts";
import { call } from "./learner.ts";
import { TestSocket } from "./test-socket.ts";

export const signer = new TokenSigner(env.SIGNING_KEY);

export function joinToken(pool = "local", expiresAt = Date.now() + 60_000): Promise<string> {
  return signer.sign("join-token", { pool, nonce: crypto.randomUUID(), expiresAt });
}

export class ScriptedHost {
  readonly host: string;
  readonly credential: string;
  control: TestSocket | null = null;

  constructor(host: string, credential: string) {
    this.host = host;
    this.credential = credential;
  }

  static async join(pool = "local"): Promise<ScriptedHost> {
    const body = { joinToken: await joinToken(pool), hostName: "test-host" };
    const response = await call("/api/runner/hosts", { method: "POST", body });
    const { host, credential } = registeredHostSchema.parse(await response.json());
    return new ScriptedHost(host, credential);
  }

  /** Joins, connects and says hello with room for `capacity` sessions. */
  static async ready(capacity = 10, images = ["berth/python:3.11"]): Promise<ScriptedHost> {
    const host = await ScriptedHost.join();
    await host.connectControl({ capacity, images });
    return host;
  }

  get authorization(): Record<string, string> {
    return { Authorization: `Bearer ${this.credential}` };
  }

  async connectControl(hello: Partial<HostHello> = {}): Promise<TestSocket> {
    const control = await TestSocket.open("/ws/runner/control", this.authorization);
    const defaults = {
      protocolVersion: RUNNER_PROTOCOL_VERSION,
      hostName: "test-host",
      capacity: 10,
      images: [],
      sessions: [],
    };
    control.say({ type: "hello", ...defaults, ...hello });
    await control.hear("welcome");
    this.control = control;
    return control;
  }

  async hearClaim(): Promise<Claim> {
    if (this.control === null) throw new Error("Connect the control socket first");
    const claim = await this.control.hear<Claim>("claim");
    this.control.say({ type: "claimed", session: claim.session, epoch: claim.epoch });
    return claim;
  }

  dial(ticket: string): Promise<TestSocket> {
    return TestSocket.open("/ws/runner/data", { ...this.authorization, "Berth-Ticket": ticket });
  }

  async attach({ session, epoch, ticket }: Pick<Claim, "session" | "epoch" | "ticket">): Promise<TestSocket> {
    const data = await this.dial(ticket);
    data.say({ type: "hello", protocolVersion: RUNNER_PROTOCOL_VERSION, session, epoch });
    return data;
  }

  /** Brings the claimed session to `ready` and answers its data socket. */
  async bringUp(claim: Claim): Promise<TestSocket> {
    const data = await this.attach(claim);
    data.say({ type: "agent", state: "up", terminals: [] });
    const { request, version } = await data.hear<{ type: "lay"; request: number; version: string }>("lay");
    data.say({ type: "laid", request, version });
    return data;
  }
}
