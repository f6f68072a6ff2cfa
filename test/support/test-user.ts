// A signed-in user of a running Berth: the HTTP half of the test client.

import { type Session, sessionSchema } from "#wire/session.ts";

export interface OpenedSession {
  readonly status: number;
  readonly session: Session;
}

export class TestUser {
  readonly address: string;
  readonly cookie: string;

  private constructor(address: string, cookie: string) {
    this.address = address;
    this.cookie = cookie;
  }

  /** Signs in by development sign-in. */
  static async signIn(address: string, login: string): Promise<TestUser> {
    const answer = await fetch(`${address}/auth/dev`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: address },
      body: JSON.stringify({ login }),
    });
    const cookie = answer.headers.getSetCookie().map((text) => text.split(";")[0]);
    if (!answer.ok || cookie.length === 0) throw new Error(`sign-in answered ${answer.status}: ${await answer.text()}`);
    return new TestUser(address, cookie.join("; "));
  }

  request(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const hasBody = body !== undefined;
    return fetch(`${this.address}${path}`, {
      method,
      headers: {
        cookie: this.cookie,
        origin: this.address,
        ...(hasBody ? { "content-type": "application/json" } : {}),
        ...headers,
      },
      ...(hasBody ? { body: JSON.stringify(body) } : {}),
    });
  }

  async openSession(challengeId: string, headers: Record<string, string> = {}): Promise<OpenedSession> {
    const answer = await this.request("POST", "/api/sessions", { challengeId }, headers);
    const body: unknown = await answer.json();
    const parsed = sessionSchema.safeParse(body);
    if (!parsed.success) throw new Error(`POST /api/sessions answered ${answer.status}: ${JSON.stringify(body)}`);
    return { status: answer.status, session: parsed.data };
  }

  async endSession(id: string): Promise<void> {
    const answer = await this.request("DELETE", `/api/sessions/${id}`);
    if (!answer.ok) throw new Error(`DELETE answered ${answer.status}: ${await answer.text()}`);
    await answer.body?.cancel();
  }
}
