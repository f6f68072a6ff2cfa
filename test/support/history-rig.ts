// The whole of Berth with a proxy between edge and database, so that a test can take the database away from the edge and read it itself meanwhile.

import { readFile } from "node:fs/promises";
import { z } from "zod";
import { type History, historySchema } from "#wire/history.ts";
import { type Session, sessionSchema } from "#wire/session.ts";
import { dataLayout } from "../../local/data-dir/layout.ts";
import { requireFreePort } from "../../local/data-dir/ports.ts";
import { loadSecrets } from "../../local/data-dir/secrets.ts";
import { withDatabase } from "../../local/database/connect.ts";
import { CutProxy } from "./cut-proxy.ts";
import { Stack } from "./stack.ts";
import { TestUser } from "./test-user.ts";
import { waitUntil } from "./wait-until.ts";

const LOCAL = "127.0.0.1";
const READY_MS = 60_000;
const END_MS = 15_000;

const portsSchema = z.object({ libsql: z.int() });

export class HistoryRig {
  readonly stack: Stack;
  readonly #proxyPort: number;
  readonly #databasePort: number;
  #proxy: CutProxy | null = null;

  private constructor(stack: Stack, proxyPort: number, databasePort: number) {
    this.stack = stack;
    this.#proxyPort = proxyPort;
    this.#databasePort = databasePort;
  }

  /** The database is there for the edge at first. */
  static async start(name: string): Promise<HistoryRig> {
    const proxyPort = await requireFreePort(LOCAL, 0);
    const environment = { BERTH_EDGE_DATABASE_URL: `http://${LOCAL}:${proxyPort}` };
    const stack = await Stack.start({ name, environment });
    const { libsql } = portsSchema.parse(JSON.parse(await readFile(dataLayout(stack.dataDir).ports, "utf8")));
    const rig = new HistoryRig(stack, proxyPort, libsql);
    await rig.bringBack();
    return rig;
  }

  async takeAway(): Promise<void> {
    await this.#proxy?.close();
    this.#proxy = null;
  }

  async bringBack(): Promise<void> {
    this.#proxy ??= await CutProxy.start(
      { port: this.#proxyPort, host: LOCAL },
      { port: this.#databasePort, host: LOCAL },
    );
  }

  signIn(login: string): Promise<TestUser> {
    return TestUser.signIn(this.stack.address, login);
  }

  /** A session that became ready and was ended by its learner. */
  async live(user: TestUser, challengeId: string): Promise<string> {
    const { session } = await user.openSession(challengeId, { Prefer: "wait=30" });
    await waitUntil(
      async () => (await this.#read(user, session.id)).state === "ready",
      READY_MS,
      "the session to be ready",
    );
    await user.endSession(session.id);
    await waitUntil(async () => (await this.#read(user, session.id)).state === "stopped", END_MS, "the session's end");
    return session.id;
  }

  /** Session and kind of every row in the database, repeats included, asked past the edge. */
  async storedRows(): Promise<string[]> {
    const { libsqlToken } = await loadSecrets(dataLayout(this.stack.dataDir).secrets);
    const address = { url: `http://${LOCAL}:${this.#databasePort}`, authToken: libsqlToken };
    const { rows } = await withDatabase(address, (client) =>
      client.execute("SELECT session, kind FROM session_events"),
    );
    return rows.map(({ session, kind }) => `${String(session)} ${String(kind)}`);
  }

  /** Null while the edge cannot read it. */
  async history(user: TestUser): Promise<History | null> {
    const answer = await user.request("GET", "/api/history?limit=100");
    const body: unknown = await answer.json();
    return answer.ok ? historySchema.parse(body) : null;
  }

  async stop(): Promise<string[]> {
    const leftovers = await this.stack.stop();
    await this.takeAway();
    return leftovers;
  }

  async #read(user: TestUser, id: string): Promise<Session> {
    return sessionSchema.parse(await (await user.request("GET", `/api/sessions/${id}`)).json());
  }
}
