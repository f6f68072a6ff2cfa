// A whole Berth in which processes are killed while sessions start, work, sleep and end; says what a kill broke.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Session, sessionSchema } from "#wire/session.ts";
import { signalProcess } from "../../runner-host/engine/processes.ts";
import { describeKill, type Kill, type KillMoment } from "./kill-plan.ts";
import { findTarget } from "./kill-targets.ts";
import { Stack } from "./stack.ts";
import { TestClient } from "./test-client.ts";
import { TestUser } from "./test-user.ts";
import { countContainers, findTraces } from "./traces.ts";
import { waitUntil } from "./wait-until.ts";

/** Of the acceptance: a right state by then, nothing left by then. */
const SETTLED_MS = 15_000;
const REAPED_MS = 60_000;
const READY_MS = 30_000;
const FOUND_MS = 10_000;
/** Soon, so that a session is frozen before a test is tired of it. */
const PAUSE_AFTER_MS = 1_500;
const ENDED = ["stopped", "failed", "expired"];

export class KillRig {
  readonly #stack: Stack;
  readonly #user: TestUser;

  private constructor(stack: Stack, user: TestUser) {
    this.#stack = stack;
    this.#user = user;
  }

  static async start(name: string): Promise<KillRig> {
    const stack = await Stack.start({ name, environment: { BERTH_PAUSE_AFTER_MS: String(PAUSE_AFTER_MS) } });
    return new KillRig(stack, await TestUser.signIn(stack.address, "killed"));
  }

  stop(): Promise<string[]> {
    return this.#stack.stop();
  }

  /** One session, one kill; throws what went wrong. Resolves with how long it took to be right again. */
  async make(kill: Kill): Promise<number> {
    try {
      return await this.#make(kill);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`${describeKill(kill)}: ${reason}`, { cause: error });
    }
  }

  async #make({ moment, target, afterMs }: Kill): Promise<number> {
    const session = await this.#open();
    const client = new TestClient(this.#user, session, { pingEveryMs: 500, silenceMs: 2_000 });
    const ended = { isAsked: false };
    try {
      await this.#reach(moment, client, session);
      if (moment === "ending") ended.isAsked = this.#endLater(session);
      await delay(afterMs);
      const killedAtMs = performance.now();
      await this.#kill(session, target, moment);
      await this.#settle(moment, client, session, killedAtMs);
      const settledMs = performance.now() - killedAtMs;
      if (moment !== "ending") await this.#end(session);
      client.leave();
      await waitUntil(async () => (await this.#traces(session)).length === 0, REAPED_MS, "the reaping").catch(
        async (error: Error) => {
          throw new Error(`${error.message}: ${(await this.#traces(session)).join(", ")}`, { cause: error });
        },
      );
      return settledMs;
    } finally {
      client.leave();
      if (!ended.isAsked) await this.#end(session).catch(() => undefined);
    }
  }

  async #reach(moment: KillMoment, client: TestClient, session: string): Promise<void> {
    if (moment === "starting") return;
    const terminal = await client.open(0, READY_MS);
    client.type(terminal, "echo be''fore\n");
    await client.waitForOutput(terminal, /before\r/, READY_MS);
    if (moment === "paused") await waitUntil(() => this.#isFrozen(session), READY_MS, "the pause");
  }

  /** What of the session is there to kill; in a moment that passes it may not come any more. */
  async #kill(session: string, target: Kill["target"], moment: KillMoment): Promise<void> {
    let pid: number | null = null;
    const find = async (): Promise<boolean> => {
      pid = await findTarget(this.#stack, session, target);
      return pid !== null;
    };
    const found = waitUntil(find, FOUND_MS, `a ${target} to kill`);
    await (moment === "ending" ? found.catch(() => undefined) : found);
    if (pid !== null) signalProcess(pid, "SIGKILL");
  }

  /** Ready with a shell that answers, or ended with a reason. */
  async #settle(moment: KillMoment, client: TestClient, session: string, fromMs: number): Promise<void> {
    const leftMs = (): number => Math.max(1, Math.ceil(SETTLED_MS - (performance.now() - fromMs)));
    if (moment === "ending") {
      await waitUntil(async () => ENDED.includes((await this.#read(session))?.state ?? ""), leftMs(), "the end");
    } else {
      const terminal = await client.open(1, leftMs());
      // A shell that ends takes what was typed along: the next one is asked anew.
      let asked: string | null = null;
      const answers = (): boolean => {
        if (terminal.isOpen && terminal.instance !== asked) {
          asked = terminal.instance;
          client.type(terminal, "echo af''ter\n");
        }
        return /after\r/.test(terminal.text);
      };
      await waitUntil(answers, leftMs(), "an answer of the shell");
    }
    const state = await this.#read(session);
    if (ENDED.includes(state?.state ?? "") && state?.reason === undefined) throw new Error("it ended without a reason");
    const containers = await countContainers(this.#stack.dataDir, session);
    if (containers !== null && containers > 1) throw new Error(`it has ${containers} containers`);
  }

  async #open(): Promise<string> {
    let id: string | undefined;
    await waitUntil(async () => (id = await this.#tryOpen()) !== undefined, READY_MS, "a new session");
    if (id === undefined) throw new Error("cannot happen");
    return id;
  }

  /** Edge or host may be on their way back from the last kill: a session that met no host has ended with that reason. */
  async #tryOpen(): Promise<string | undefined> {
    const answer = await this.#user.openSession("first-image").catch(() => null);
    if (answer?.status !== 201) return undefined;
    const { id } = answer.session;
    const isDecided = async (): Promise<boolean> => {
      const session = await this.#read(id);
      return session !== null && (session.host !== null || ENDED.includes(session.state));
    };
    await waitUntil(isDecided, READY_MS, "a host for the session");
    return (await this.#read(id))?.host === null ? undefined : id;
  }

  #endLater(session: string): true {
    void this.#end(session).catch(() => undefined);
    return true;
  }

  /** Asked again until it is heard. */
  async #end(session: string): Promise<void> {
    const ask = async (): Promise<boolean> => {
      await this.#user.endSession(session).catch(() => undefined);
      return ENDED.includes((await this.#read(session))?.state ?? "");
    };
    await waitUntil(ask, REAPED_MS, "the session to end");
  }

  async #read(session: string): Promise<Session | null> {
    const answer = await this.#user.request("GET", `/api/sessions/${session}`).catch(() => null);
    const parsed = sessionSchema.safeParse(await answer?.json().catch(() => null));
    return parsed.success ? parsed.data : null;
  }

  async #isFrozen(session: string): Promise<boolean> {
    const first = await findTarget(this.#stack, session, "init");
    if (first === null) return false;
    const group = /^\d*:freezer:(.*)$/m.exec(readFileSync(`/proc/${first}/cgroup`, "utf8"))?.[1];
    const path = group === undefined ? null : join("/sys/fs/cgroup/freezer", group, "freezer.state");
    return path !== null && readFileSync(path, "utf8").startsWith("FROZEN");
  }

  #traces(session: string): Promise<string[]> {
    return findTraces(this.#stack.dataDir, session);
  }
}
