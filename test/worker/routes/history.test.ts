// A learner's history over HTTP: page by page from the database, with what still waits in their object, and never somebody else's.

import { reset, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type History, historySchema } from "#wire/history.ts";
import { newId } from "#wire/ids.ts";
import { limits } from "#wire/limits.ts";
import type { HistoryRow, SessionStart } from "../../../worker/db/history-rows.ts";
import { choosePage, describeHistory } from "../../../worker/routes/history-page.ts";
import {
  DeliveryWatch,
  keptRows,
  passToAlarm,
  storedRows,
  switchDatabase,
  untilTried,
} from "../support/history-database.ts";
import { Learner } from "../support/learner.ts";
import { ScriptedHost } from "../support/scripted-host.ts";

const SOON = { timeout: 5_000, interval: 20 };

let host: ScriptedHost;
let deliveries: DeliveryWatch;

beforeEach(async () => {
  deliveries = new DeliveryWatch();
  host = await ScriptedHost.ready(100);
  await (await Learner.signIn("reader")).call("/api/challenges/first-image");
});

afterEach(async () => {
  vi.useRealTimers();
  await switchDatabase("on");
  await reset();
});

const objectOf = (learner: Learner) => env.USER_SESSION.getByName(learner.user);

async function live(learner: Learner): Promise<string> {
  const { id } = await learner.open();
  await host.bringUp(await host.hearClaim());
  await objectOf(learner).waitUntilSettled(id, 3_000);
  await learner.call(`/api/sessions/${id}`, { method: "DELETE", body: {} });
  return id;
}

async function readPage(learner: Learner, query = ""): Promise<History> {
  return historySchema.parse(await (await learner.call(`/api/history${query}`)).json());
}

const ids = ({ sessions }: History): string[] => sessions.map(({ id }) => id);

describe("a history", () => {
  test("lists what became of each session, newest first, the one that goes on above all", async () => {
    const learner = await Learner.signIn("history-plain");
    expect(await readPage(learner)).toEqual({ sessions: [], next: null });
    const first = await live(learner);
    const { id: second } = await learner.open();
    const { sessions, next } = await readPage(learner);
    expect(next).toBeNull();
    expect(sessions).toMatchObject([
      { id: second, challengeId: "first-image", readyAt: null, ended: null },
      { id: first, extensions: 0, ended: { state: "stopped", reason: { code: "ended_by_learner" } } },
    ]);
    const [, of] = sessions;
    expect(of?.startedAt).toBeLessThanOrEqual(of?.readyAt ?? 0);
    expect(of?.readyAt).toBeLessThanOrEqual(of?.ended?.at ?? 0);
  });

  test("lists a session once, in the same words, whether its rows wait, are in both places or have come", async () => {
    const learner = await Learner.signIn("history-merged");
    await switchDatabase("deaf");
    const id = await live(learner);
    await untilTried(objectOf(learner));
    await deliveries.untilIdle();
    await switchDatabase("on");
    expect((await storedRows(learner.user)).length).toBeGreaterThan(0);
    expect(await keptRows(objectOf(learner))).toHaveLength(3);
    const waiting = await readPage(learner);
    expect(ids(waiting)).toEqual([id]);
    await passToAlarm(objectOf(learner));
    await expect.poll(() => keptRows(objectOf(learner)), SOON).toEqual([]);
    expect(await readPage(learner)).toEqual(waiting);
  });

  test("shows the end of a session that the database knows only the start of", async () => {
    const learner = await Learner.signIn("history-half");
    const { id } = await learner.open();
    await expect.poll(() => storedRows(learner.user), SOON).toEqual([`${id} started`]);
    await expect.poll(() => keptRows(objectOf(learner)), SOON).toEqual([]);
    await switchDatabase("off");
    await learner.call(`/api/sessions/${id}`, { method: "DELETE", body: {} });
    await untilTried(objectOf(learner));
    await deliveries.untilIdle();
    await switchDatabase("on");
    expect(await keptRows(objectOf(learner))).toEqual([`${id} ended`]);
    expect((await readPage(learner)).sessions).toMatchObject([{ id, ended: { state: "stopped" } }]);
  });

  test("is one's own", async () => {
    const [ann, bob] = [await Learner.signIn("history-ann"), await Learner.signIn("history-bob")];
    const id = await live(ann);
    expect(ids(await readPage(bob))).toEqual([]);
    expect(ids(await readPage(ann))).toEqual([id]);
    expect((await (await Learner.signIn("nobody")).call("/api/history", { headers: { Cookie: "" } })).status).toBe(401);
  });

  test("comes page by page, each session on one of them, wherever its rows are", async () => {
    const learner = await Learner.signIn("history-pages");
    const all: string[] = [];
    for (let session = 0; session < 4; session++) all.unshift(await live(learner));
    await expect.poll(() => keptRows(objectOf(learner)), SOON).toEqual([]);
    await switchDatabase("off");
    for (let session = 0; session < 3; session++) all.unshift(await live(learner));
    await deliveries.untilIdle();
    await switchDatabase("on");
    for (const limit of [1, 2, 3, 7, 8]) {
      const found: string[] = [];
      let next: string | null = "";
      while (next !== null) {
        const page: History = await readPage(learner, `?limit=${limit}${next === "" ? "" : `&before=${next}`}`);
        expect(page.sessions.length).toBeLessThanOrEqual(limit);
        found.push(...ids(page));
        ({ next } = page);
      }
      expect(found, `by ${limit}`).toEqual(all);
    }
  });

  test.for(["off", "stalled"] as const)("says that it cannot be read while the database is %s", async (mode) => {
    const learner = await Learner.signIn(`history-${mode}`);
    await switchDatabase(mode);
    const beginning = performance.now();
    const response = await learner.call("/api/history");
    expect([response.status, await response.json()]).toMatchObject([503, { code: "history_unavailable" }]);
    expect(performance.now() - beginning).toBeLessThan(limits.historyAnswerMs + 2_000);
  });

  test.for(["limit=0", "limit=101", "limit=x", "limit=1.5", "before=1", "before=1-s_short", "before=-1-s_x"])(
    "refuses %s",
    async (query) => {
      const response = await (await Learner.signIn("history-wrong")).call(`/api/history?${query}`);
      expect([response.status, await response.json()]).toMatchObject([400, { code: "bad_request" }]);
    },
  );

  test("of a large outbox takes from the object what a page needs", async () => {
    const learner = await Learner.signIn("history-large");
    await switchDatabase("off");
    await live(learner);
    await runInDurableObject(objectOf(learner), (_, { storage }) => {
      for (let copy = 0; copy < 500; copy++) {
        const id = newId("e");
        const session = newId("s");
        storage.sql.exec(
          `INSERT INTO outbox (id, session, kind, at, row) SELECT ?, ?, kind, at + ?,
            json_set(row, '$.id', ?, '$.session', ?, '$.at', at + ?) FROM outbox WHERE kind = 'started' ORDER BY place LIMIT 1`,
          ...[id, session, copy, id, session, copy],
        );
      }
    });
    expect(await objectOf(learner).undelivered(null, 3)).toHaveLength(3);
    await deliveries.untilIdle();
    await switchDatabase("on");
    expect((await readPage(learner, "?limit=2")).sessions).toHaveLength(2);
  });
});

describe("a page", () => {
  const start = (letter: string, at: number): SessionStart => ({ session: `s_${letter.repeat(26)}`, at });
  const rowOf = ({ session, at }: SessionStart, kind: HistoryRow["kind"]): HistoryRow => ({
    ...{
      id: `e_${session}_${kind}`,
      user: "u",
      session,
      epoch: 1,
      kind,
      challenge: "c",
      challengeVersion: "0".repeat(64),
    },
    ...{ host: null, finalState: null, reasonCode: null, reasonMessage: null, at },
  });

  test("goes on within sessions of one millisecond", () => {
    const all = ["c", "b", "a"].map((letter) => start(letter, 5));
    const first = choosePage(all, [], { before: null, limit: 2 });
    expect(first.sessions).toEqual(all.slice(0, 2));
    expect(first.next).toBe(`5-${all[1]?.session}`);
    const rest = choosePage(all, [], { before: all[1] ?? null, limit: 2 });
    expect(rest).toEqual({ sessions: all.slice(2), next: null });
  });

  test("counts a row once that is in both places", () => {
    const one = start("a", 5);
    const rows = ["started", "ready", "extended"] as const;
    const twice = [...rows, ...rows].map((kind) => rowOf(one, kind));
    const chosen = choosePage([one], twice, { before: null, limit: 10 });
    expect(describeHistory(chosen, twice).sessions).toMatchObject([{ id: one.session, extensions: 1, readyAt: 5 }]);
  });
});
