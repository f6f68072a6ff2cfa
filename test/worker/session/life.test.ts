// How a session in real workerd lives by its activity: what counts, what survives, how it is warned and how it ends.

import { evictDurableObject, reset, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { limits } from "#wire/limits.ts";
import { PROBE_FRAME } from "#wire/terminal-frame.ts";
import type { CountingTab } from "../support/counting-tab.ts";
import { OPEN, TerminalPair } from "../support/terminal-pair.ts";

const KEEN = { draws: true, returnsMarks: true };
const MINUTE = 60_000;
const LOOKS_MOST = 500;
const STEP_MS = limits.runnerSilenceMs - 1;
const { sessionIdleMs, sessionTotalMs, sessionMostMs, firstWarningMs, lastWarningMs } = limits;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
});

afterEach(async () => {
  vi.useRealTimers();
  await reset();
});

/** Each look asks the object, which has something to do in between. */
async function untilTrue(look: () => Promise<boolean>): Promise<void> {
  for (let looks = 0; looks < LOOKS_MOST; looks++) if (await look()) return;
  throw new Error(`It was not so after ${LOOKS_MOST} looks`);
}

/** A learner with a tab whose terminal is open, and the words that keep both sockets alive. */
class Watched {
  readonly pair: TerminalPair;
  readonly tab: CountingTab;
  readonly connection: number;
  #probe = 0;

  constructor(pair: TerminalPair, tab: CountingTab, connection: number) {
    this.pair = pair;
    this.tab = tab;
    this.connection = connection;
  }

  static async bringUp(login: string): Promise<Watched> {
    const pair = await TerminalPair.bringUp(login);
    const { tab, connection } = await pair.openTab(KEEN);
    return new Watched(pair, tab, connection);
  }

  get sentences(): string[] {
    return this.tab.said.flatMap((one) => (one.type === "notice" ? [`${one.notice.code}: ${one.notice.message}`] : []));
  }

  get sessionsTold(): number {
    return this.tab.said.filter(({ type }) => type === "session").length;
  }

  session() {
    return this.pair.learner.session();
  }

  extend(session = this.pair.claim.session) {
    return this.pair.learner.call(`/api/sessions/${session}/extend`, { method: "POST", body: {} });
  }

  /** All that was said before was taken; neither side counts as silent, and nobody as active. */
  async settle(): Promise<void> {
    const probe = ++this.#probe;
    this.tab.say({ type: "probe", probe, at: "host" });
    await this.pair.data.hear("probe");
    this.pair.data.say({ type: "probed", connection: this.connection, probe, at: "host" });
    await this.tab.until(() => this.tab.said.some((one) => one.type === "probed" && one.probe === probe), "the answer");
  }

  async stored(): Promise<{ lastActiveAt: number; cutAt: number | null }> {
    const text = await runInDurableObject(this.pair.object, (_, { storage }) =>
      storage.sql.exec<{ state: string }>("SELECT state FROM session").one(),
    );
    return JSON.parse(text.state);
  }

  untilIdleAt(idleAt: number): Promise<void> {
    return untilTrue(async () => (await this.session()).idleAt === idleAt);
  }

  untilStored(matches: (state: { cutAt: number | null }) => boolean): Promise<void> {
    return untilTrue(async () => matches(await this.stored()));
  }

  /** Time passes to that moment, and neither side falls silent. */
  async passTo(moment: number): Promise<void> {
    while (Date.now() < moment) {
      vi.setSystemTime(Math.min(moment, Date.now() + STEP_MS));
      await this.settle();
    }
  }

  async passToAlarm(moment: number): Promise<void> {
    await this.passTo(moment);
    await runDurableObjectAlarm(this.pair.object);
  }

  /** A deploy: the object loses its memory and its sockets. */
  async kick(): Promise<void> {
    this.tab.peer.close();
    await evictDurableObject(this.pair.object, { webSockets: "close" });
  }

  async type(bytes = 1): Promise<void> {
    this.pair.type(this.tab, bytes);
    await this.pair.data.hearBytes();
    await this.settle();
  }
}

describe("a session that nobody uses", () => {
  test("is warned twice in the page and in its terminals, and ends with its reason", async () => {
    const lab = await Watched.bringUp("unused");
    const { idleAt } = await lab.session();
    await lab.passToAlarm(idleAt - firstWarningMs - 1);
    expect(lab.sentences).toEqual([]);
    await lab.passToAlarm(idleAt - firstWarningMs);
    const ten =
      "Nobody has used this session for a while: it ends in 10 minutes unless you type or a program runs in a terminal.";
    expect(await lab.pair.data.hear("warn")).toEqual({ type: "warn", message: ten });
    await lab.passToAlarm(idleAt - firstWarningMs + MINUTE);
    await lab.passToAlarm(idleAt - lastWarningMs);
    const one = ten.replace("10 minutes", "less than a minute");
    expect(await lab.pair.data.hear("warn")).toEqual({ type: "warn", message: one });
    expect(lab.sentences).toEqual([`ends_soon: ${ten}`, `ends_soon: ${one}`]);
    await lab.passToAlarm(idleAt);
    expect(await lab.tab.closeName()).toBe("session_ended");
    expect(await lab.session()).toMatchObject({ state: "expired", reason: { code: "idle_too_long" } });
  });

  test("lives by no keep-alive, ack, size, open or probe of however many tabs", async () => {
    const lab = await Watched.bringUp("background");
    const { idleAt } = await lab.session();
    const { learner, claim, data, object } = lab.pair;
    const others = [await learner.connect(claim.session), await learner.connect(claim.session)];
    for (let minutes = 2; minutes < 60; minutes += 2) {
      await lab.passTo(idleAt - sessionIdleMs + minutes * MINUTE);
      for (const tab of others) {
        tab.say("ping");
        tab.sendBytes(Uint8Array.of(PROBE_FRAME, 1));
        tab.say({ type: "ack", terminal: 0, offset: 0 });
        tab.say(OPEN);
        const { connection } = await data.hear<{ type: "open"; connection: number }>("open");
        data.say(lab.pair.opened(connection));
        tab.say({ type: "resize", terminal: 0, cols: 70 + minutes, rows: 20 });
        await data.hear("resize");
      }
      data.say("ping");
      lab.pair.print(100);
      await lab.settle();
      await runDurableObjectAlarm(object);
    }
    expect((await lab.session()).idleAt).toBe(idleAt);
    await lab.passToAlarm(idleAt);
    expect(await lab.session()).toMatchObject({ state: "expired", reason: { code: "idle_too_long" } });
  });

  test("does not live by input that reaches no terminal", async () => {
    const lab = await Watched.bringUp("nowhere");
    const { idleAt } = await lab.session();
    await lab.passTo(idleAt - 20 * MINUTE);
    lab.tab.peer.send(Uint8Array.of(5, 0, 0, 0, 0, 0, 0, 0x61));
    await lab.settle();
    lab.pair.data.say({ type: "agent", state: "down", terminals: [] });
    await lab.settle();
    lab.pair.type(lab.tab, 1);
    await lab.settle();
    expect((await lab.session()).idleAt).toBe(idleAt);
  });
});

describe("activity", () => {
  test("is input, told to the page once a minute and stored by no key", async () => {
    const lab = await Watched.bringUp("typist");
    const { idleAt, createdAt } = await lab.session();
    const stored = await lab.stored();
    const told = lab.sessionsTold;
    for (let second = 1; second <= 150; second++) {
      vi.setSystemTime(createdAt + second * 1_000);
      await lab.type();
    }
    expect(lab.sessionsTold - told).toBe(2);
    expect((await lab.session()).idleAt).toBe(idleAt + 2 * limits.activityNoteEveryMs);
    expect(lab.tab.session?.idleAt).toBe(idleAt + 2 * limits.activityNoteEveryMs);
    expect(await lab.stored()).toEqual(stored);
  });

  test("is a job in the foreground, as its host says", async () => {
    const lab = await Watched.bringUp("job");
    const { idleAt } = await lab.session();
    await lab.passTo(idleAt - 20 * MINUTE);
    lab.pair.data.say({ type: "active" });
    await lab.settle();
    expect((await lab.session()).idleAt).toBe(idleAt + sessionIdleMs - 20 * MINUTE);
  });

  test("is opening the challenge again", async () => {
    const lab = await Watched.bringUp("opener");
    const { idleAt } = await lab.session();
    await lab.passTo(idleAt - 20 * MINUTE);
    expect((await lab.pair.learner.open()).idleAt).toBe(idleAt + sessionIdleMs - 20 * MINUTE);
  });

  test("outlives hibernation, and the cut of the data socket that follows it", async () => {
    const lab = await Watched.bringUp("hibernating");
    const { idleAt } = await lab.session();
    vi.setSystemTime(idleAt - 20 * MINUTE);
    const data = await lab.pair.host.attach(lab.pair.claim);
    data.say({ type: "active" });
    await lab.untilIdleAt(idleAt + sessionIdleMs - 20 * MINUTE);
    await evictDurableObject(lab.pair.object, { webSockets: "hibernate" });
    expect((await lab.session()).idleAt).toBe(idleAt + sessionIdleMs - 20 * MINUTE);
    vi.setSystemTime(idleAt - 18 * MINUTE);
    data.say({ type: "active" });
    await lab.untilIdleAt(idleAt + sessionIdleMs - 18 * MINUTE);
    await evictDurableObject(lab.pair.object, { webSockets: "hibernate" });
    data.close();
    await lab.untilStored(({ cutAt }) => cutAt !== null);
    await lab.kick();
    expect((await lab.session()).idleAt).toBe(idleAt + sessionIdleMs - 18 * MINUTE);
  });

  test("after a long pause is stored by an alarm within a second, so that a deploy forgets nothing of it", async () => {
    const lab = await Watched.bringUp("deployed");
    const { idleAt } = await lab.session();
    await lab.passTo(idleAt - 5 * MINUTE);
    await lab.type();
    const alarmAt = await runInDurableObject(lab.pair.object, (_, { storage }) => storage.getAlarm());
    expect(alarmAt).toBe(idleAt - 5 * MINUTE + 1_000);
    await runDurableObjectAlarm(lab.pair.object);
    await lab.kick();
    expect((await lab.session()).idleAt).toBe(idleAt + sessionIdleMs - 5 * MINUTE);
  });

  test("that goes on is stored every few minutes", async () => {
    const lab = await Watched.bringUp("busy");
    const { idleAt, createdAt } = await lab.session();
    for (let minutes = 1; minutes <= 9; minutes++) {
      await lab.passTo(createdAt + minutes * MINUTE);
      await lab.type();
      if (minutes % 3 === 0) await runDurableObjectAlarm(lab.pair.object);
    }
    await lab.kick();
    expect((await lab.session()).idleAt).toBe(idleAt + 9 * MINUTE);
  });
});

describe("an edge that was away", () => {
  test("gives a learner one full idle time from when it is back", async () => {
    const lab = await Watched.bringUp("away");
    const { idleAt } = await lab.session();
    vi.setSystemTime(idleAt + 30 * MINUTE);
    await runDurableObjectAlarm(lab.pair.object);
    expect(await lab.session()).toMatchObject({ state: "ready", idleAt: idleAt + 30 * MINUTE + sessionIdleMs });
  });

  test("ends what is over its whole time all the same", async () => {
    const lab = await Watched.bringUp("away-long");
    const { expiresAt } = await lab.session();
    vi.setSystemTime(expiresAt + 1);
    await runDurableObjectAlarm(lab.pair.object);
    expect(await lab.session()).toMatchObject({ state: "expired", reason: { code: "total_time_over" } });
  });

  test("and whose clock went back behind the session's beginning lets it last no longer than a new one", async () => {
    const lab = await Watched.bringUp("backward");
    const { createdAt } = await lab.session();
    vi.setSystemTime(createdAt - 500 * MINUTE);
    await lab.settle();
    expect(await lab.session()).toMatchObject({
      createdAt: createdAt - 500 * MINUTE,
      idleAt: createdAt - 500 * MINUTE + sessionIdleMs,
      expiresAt: createdAt - 500 * MINUTE + sessionTotalMs,
      mostAt: createdAt - 500 * MINUTE + sessionMostMs,
    });
  });
});

describe("extending", () => {
  test("is taken once in half an hour, up to the longest time, and a double click is one wish", async () => {
    const lab = await Watched.bringUp("extender");
    const first = await lab.session();
    expect(first.extendableAt).toBe(first.expiresAt - limits.extendByMs);
    const early = await lab.extend();
    expect([early.status, await early.json()]).toMatchObject([200, { expiresAt: first.expiresAt }]);

    const pressedAt = first.expiresAt - 5 * MINUTE;
    vi.setSystemTime(pressedAt);
    const answers = await Promise.all([lab.extend(), lab.extend()]);
    for (const answer of answers) {
      expect(answer.status).toBe(200);
      expect(await answer.json()).toMatchObject({
        expiresAt: pressedAt + limits.extendByMs,
        idleAt: pressedAt + sessionIdleMs,
        extendableAt: pressedAt + limits.extendEveryMs,
      });
    }
    vi.setSystemTime(pressedAt + 10 * MINUTE);
    const again = await lab.extend();
    expect(again.status).toBe(409);
    expect(again.headers.get("Content-Type")).toBe("application/problem+json");
    expect(await again.json()).toMatchObject({
      code: "extended_lately",
      detail: "It can be extended again in 20 minutes.",
      extendableAt: pressedAt + limits.extendEveryMs,
    });
    await lab.tab.until(() => lab.tab.session?.expiresAt === pressedAt + limits.extendByMs, "the new end");
  });

  test("ends at the longest time, which is warned of as such", async () => {
    const lab = await Watched.bringUp("longest");
    let { expiresAt, mostAt } = await lab.session();
    while (expiresAt < mostAt) {
      vi.setSystemTime(expiresAt - 20 * MINUTE);
      ({ expiresAt } = await (await lab.extend()).json<{ expiresAt: number }>());
    }
    expect(expiresAt).toBe(mostAt);
    vi.setSystemTime(mostAt - firstWarningMs);
    const data = await lab.pair.host.attach(lab.pair.claim);
    await runDurableObjectAlarm(lab.pair.object);
    expect(await data.hear("warn")).toMatchObject({ message: expect.stringContaining("cannot be extended") });
    const refused = await lab.extend();
    expect([refused.status, await refused.json()]).toMatchObject([409, { code: "cannot_extend" }]);
    expect((await lab.session()).extendableAt).toBeNull();
    vi.setSystemTime(mostAt);
    await runDurableObjectAlarm(lab.pair.object);
    expect(await lab.session()).toMatchObject({ state: "expired", reason: { code: "total_time_over" } });
    const over = await lab.extend();
    expect([over.status, await over.json()]).toMatchObject([409, { code: "session_ended" }]);
  });

  test("is for its owner alone", async () => {
    const lab = await Watched.bringUp("extending-owner");
    const stranger = await Watched.bringUp("extending-stranger");
    const answer = await stranger.extend(lab.pair.claim.session);
    expect([answer.status, await answer.json()]).toMatchObject([404, { code: "session_not_found" }]);
    const unknown = await lab.extend(`s_${"z".repeat(26)}`);
    expect([unknown.status, await unknown.json()]).toMatchObject([404, { code: "session_not_found" }]);
  });
});

describe("a host's notices", () => {
  const notice = { code: "memory_full", message: "A program was ended: its memory was full." };

  test("are shown in every tab of the session, as often as a person can read them", async () => {
    const lab = await Watched.bringUp("noticed");
    const { tab: second } = await lab.pair.openTab(KEEN);
    for (let count = 0; count < 3 * limits.noticesBurst; count++) lab.pair.data.say({ type: "notice", notice });
    await lab.settle();
    const heard = (tab: CountingTab) => tab.said.filter(({ type }) => type === "notice").length;
    expect([heard(lab.tab), heard(second)]).toEqual([limits.noticesBurst, limits.noticesBurst]);
    vi.setSystemTime(Date.now() + 2_000);
    for (let count = 0; count < 5; count++) lab.pair.data.say({ type: "notice", notice });
    await lab.settle();
    expect(heard(lab.tab)).toBe(limits.noticesBurst + 2 * limits.noticesPerSecond);
    expect(await lab.session()).toMatchObject({ state: "ready", reachable: true });
    expect(lab.sentences[0]).toBe(`memory_full: ${notice.message}`);
  });

  test("do not keep it alive", async () => {
    const lab = await Watched.bringUp("noticed-only");
    const { idleAt } = await lab.session();
    await lab.passTo(idleAt - 20 * MINUTE);
    lab.pair.data.say({ type: "notice", notice });
    lab.pair.data.say({ type: "exited", terminal: 0, exitCode: 0 });
    await lab.settle();
    expect((await lab.session()).idleAt).toBe(idleAt);
  });
});
