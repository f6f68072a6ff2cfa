// The outbox in real workerd: whatever becomes of the database, of its answers and of the object, each row of history is there once in the end.

import { reset, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { limits } from "#wire/limits.ts";
import { edgeCounts } from "../../../worker/metrics/edge-counts.ts";
import { deliveryDelayMs } from "../../../worker/session/outbox.ts";
import {
  DeliveryWatch,
  keptRows,
  passToAlarm,
  POISON,
  refusePoison,
  storedRows,
  switchDatabase,
  takePoison,
  untilParked,
  untilTried,
} from "../support/history-database.ts";
import { Learner } from "../support/learner.ts";
import { ScriptedHost } from "../support/scripted-host.ts";

const HOUR_MS = 60 * 60_000;
const SOON = { timeout: 5_000, interval: 20 };
const KINDS = ["started", "ready", "ended"];

let host: ScriptedHost;
let deliveries: DeliveryWatch;

beforeEach(async () => {
  deliveries = new DeliveryWatch();
  host = await ScriptedHost.ready(100);
  // With the challenge known the database is not needed to open it.
  await (await Learner.signIn("reader")).call("/api/challenges/first-image");
});

afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  await switchDatabase("on");
  await takePoison();
  await reset();
});

const objectOf = (learner: Learner) => env.USER_SESSION.getByName(learner.user);

/** A whole session, ended by its learner or by what its host says; answers its rows. */
async function live(learner: Learner, lost: string | null = null): Promise<string[]> {
  const { id } = await learner.open();
  const data = await host.bringUp(await host.hearClaim());
  await objectOf(learner).waitUntilSettled(id, 3_000);
  if (lost === null) await learner.call(`/api/sessions/${id}`, { method: "DELETE", body: {} });
  else data.say({ type: "container_lost", message: lost });
  await expect.poll(async () => (await learner.session()).reason !== undefined, SOON).toBe(true);
  return KINDS.map((kind) => `${id} ${kind}`);
}

async function liveSeveral(learner: Learner, count: number): Promise<string[]> {
  const rows: string[] = [];
  for (let session = 0; session < count; session++) rows.push(...(await live(learner)));
  return rows;
}

describe("rows of history", () => {
  test("are in the database as things happen, in order, and none is kept", async () => {
    const learner = await Learner.signIn("outbox-plain");
    const rows = await liveSeveral(learner, 2);
    await expect.poll(() => storedRows(learner.user), SOON).toEqual(rows);
    await expect.poll(() => keptRows(objectOf(learner)), SOON).toEqual([]);
  });

  test("wait while the database is away for whole sessions, no request fails for it, and come once when it is back", async () => {
    const learner = await Learner.signIn("outbox-away");
    await switchDatabase("off");
    const rows = await liveSeveral(learner, 8);
    expect(await keptRows(objectOf(learner))).toEqual(rows);
    await switchDatabase("on");
    await passToAlarm(objectOf(learner));
    await expect.poll(() => storedRows(learner.user), SOON).toEqual(rows);
    await expect.poll(() => keptRows(objectOf(learner)), SOON).toEqual([]);
  });

  test("are stored once when the database's answers were lost", async () => {
    const learner = await Learner.signIn("outbox-deaf");
    await switchDatabase("deaf");
    const rows = await liveSeveral(learner, 2);
    expect(await keptRows(objectOf(learner))).toEqual(rows);
    await untilTried(objectOf(learner));
    await deliveries.untilIdle();
    await switchDatabase("on");
    expect((await storedRows(learner.user)).length).toBeGreaterThan(0);
    await passToAlarm(objectOf(learner));
    await expect.poll(() => keptRows(objectOf(learner)), SOON).toEqual([]);
    expect(await storedRows(learner.user)).toEqual(rows);
  });

  test("outlive an object that is thrown out while it delivers them", async () => {
    const learner = await Learner.signIn("outbox-evicted");
    await switchDatabase("stalled");
    const before = edgeCounts.outbox.requests.begun;
    const rows = await live(learner);
    await expect.poll(() => edgeCounts.outbox.requests.begun - before, SOON).toBe(1);
    const thrownOut = runInDurableObject(objectOf(learner), (_, state) => state.abort("thrown out by a test"));
    await expect(thrownOut).rejects.toThrow("thrown out by a test");
    expect(await keptRows(objectOf(learner))).toEqual(rows);
    await switchDatabase("on");
    await passToAlarm(objectOf(learner));
    await expect.poll(() => storedRows(learner.user), SOON).toEqual(rows);
  });

  test("go in bounded batches, all of them in one go once the database is back", async () => {
    const learner = await Learner.signIn("outbox-batches");
    await switchDatabase("off");
    const [first = ""] = await live(learner);
    const { length } = await copyRow(learner, 3 * limits.outboxBatchRows);
    const before = edgeCounts.outbox.requests.written;
    await switchDatabase("on");
    await passToAlarm(objectOf(learner));
    await expect.poll(() => keptRows(objectOf(learner)), SOON).toEqual([]);
    expect(await storedRows(learner.user)).toHaveLength(length);
    expect((await storedRows(learner.user))[0]).toBe(first);
    expect(edgeCounts.outbox.requests.written - before).toBe(Math.ceil(length / limits.outboxBatchRows));
  });
});

/** Puts `count` rows more into the outbox, copies of its last; answers all that it holds then. */
async function copyRow(learner: Learner, count: number): Promise<string[]> {
  await runInDurableObject(objectOf(learner), (_, { storage }) => {
    for (let copy = 0; copy < count; copy++) {
      const id = `copy-${copy}`;
      storage.sql.exec(
        "INSERT INTO outbox (id, session, kind, at, row) SELECT ?, session, kind, at, json_set(row, '$.id', ?) FROM outbox ORDER BY place DESC LIMIT 1",
        id,
        id,
      );
    }
  });
  return keptRows(objectOf(learner));
}

describe("a database that stays away", () => {
  test("is asked by an ended session's object at most 16 times in an hour, by its alarm alone", async () => {
    const learner = await Learner.signIn("outbox-hours");
    await switchDatabase("off");
    const rows = await live(learner);
    const object = objectOf(learner);
    host.control?.say({ type: "released", session: (await learner.session()).id, epoch: 1 });
    const hours: number[] = [];
    for (let hour = 0; hour < 3; hour++) {
      const before = edgeCounts.outbox.requests.away;
      for (let passedMs = 0; passedMs < HOUR_MS;) {
        passedMs += await passToAlarm(object);
        await deliveries.untilIdle();
      }
      hours.push(edgeCounts.outbox.requests.away - before);
    }
    expect(Math.max(...hours.slice(1))).toBeLessThanOrEqual(17);
    expect(Math.min(...hours)).toBeGreaterThanOrEqual(11);
    expect(hours[0]).toBeLessThanOrEqual(26);
    expect(await keptRows(object)).toEqual(rows);
  });

  test("is not asked more often for things that happen meanwhile", async () => {
    const learner = await Learner.signIn("outbox-busy");
    await switchDatabase("off");
    const before = edgeCounts.outbox.requests.begun;
    await live(learner);
    await untilTried(objectOf(learner));
    await liveSeveral(learner, 8);
    // What the back-off alone makes of half a minute.
    expect(edgeCounts.outbox.requests.begun - before).toBeLessThanOrEqual(5);
  });

  test("makes no new session begin when there is no room for its rows, and loses none of those that wait", async () => {
    const learner = await Learner.signIn("outbox-full");
    await switchDatabase("off");
    await live(learner);
    const kept = await copyRow(learner, limits.outboxRows - KINDS.length);
    const refused = await learner.call("/api/sessions", { method: "POST", body: { challengeId: "first-image" } });
    expect([refused.status, await refused.json()]).toMatchObject([429, { code: "too_many_requests" }]);
    expect(await keptRows(objectOf(learner))).toHaveLength(kept.length);
    await switchDatabase("on");
    await passToAlarm(objectOf(learner));
    const post = () => learner.call("/api/sessions", { method: "POST", body: { challengeId: "first-image" } });
    await expect.poll(async () => (await post()).status, SOON).toBe(201);
  });
});

describe("a row that the database refuses", () => {
  test("is parked after so many tries, and what came with and after it passes", async () => {
    await refusePoison();
    const learner = await Learner.signIn("outbox-poison");
    const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
    await switchDatabase("off");
    const before = await live(learner);
    const [started, ready, ended] = await live(learner, POISON);
    const after = await live(learner);
    await deliveries.untilIdle();
    await switchDatabase("on");
    await passToAlarm(objectOf(learner));
    await expect.poll(() => storedRows(learner.user), SOON).toEqual([...before, started, ready, ...after]);
    expect(await keptRows(objectOf(learner))).toEqual([ended]);
    await untilParked(objectOf(learner), deliveries);
    expect(await keptRows(objectOf(learner))).toEqual([`${ended} parked`]);
    const logged = log.mock.calls.map(([line]) => String(line)).filter((line) => line.includes("history row parked"));
    expect(logged).toHaveLength(1);
    expect(logged[0]).toContain("SQLITE_CONSTRAINT_TRIGGER");
    expect(logged[0]).not.toContain(POISON);
  });

  test("is listed at its pool without anybody asking the object, said again each day, and gone from there once it passed", async () => {
    await refusePoison();
    const learner = await Learner.signIn("outbox-listed");
    const pool = env.RUNNER_POOL.getByName("local");
    await live(learner, POISON);
    await untilParked(objectOf(learner), deliveries);
    const listed = { users: 1, rows: 1, parked: [{ user: learner.user, rows: 1, code: "SQLITE_CONSTRAINT_TRIGGER" }] };
    await expect.poll(() => pool.parkedOutboxes(), SOON).toMatchObject(listed);
    await runInDurableObject(pool, (_, { storage }) => storage.sql.exec("DELETE FROM parked_outboxes"));
    host.control?.say({ type: "released", session: (await learner.session()).id, epoch: 1 });
    await deliveries.untilIdle();
    let passedMs = 0;
    while ((await pool.parkedOutboxes()).users === 0 && passedMs < 2 * limits.outboxReportEveryMs) {
      passedMs += await passToAlarm(objectOf(learner));
      await deliveries.untilIdle();
    }
    expect(await pool.parkedOutboxes()).toMatchObject(listed);
    await takePoison();
    expect(await objectOf(learner).retryOutbox()).toBe(1);
    await expect.poll(() => pool.parkedOutboxes(), SOON).toEqual({ users: 0, rows: 0, parked: [] });
    expect(await storedRows(learner.user)).toHaveLength(KINDS.length);
    expect(await keptRows(objectOf(learner))).toEqual([]);
  });

  test("is parked again when it is tried again for nothing", async () => {
    await refusePoison();
    const learner = await Learner.signIn("outbox-again");
    const [, , ended] = await live(learner, POISON);
    await untilParked(objectOf(learner), deliveries);
    expect(await objectOf(learner).retryOutbox()).toBe(1);
    await untilParked(objectOf(learner), deliveries);
    expect(await keptRows(objectOf(learner))).toEqual([`${ended} parked`]);
  });
});

test.for([
  [1, 0, limits.outboxRetryFirstMs],
  [2, 0, 2 * limits.outboxRetryFirstMs],
  [1, 1, limits.outboxRetryFirstMs * (3 / 4)],
  [50, 0, limits.outboxRetryMaxMs],
  [50, 1, limits.outboxRetryMaxMs * (3 / 4)],
] as const)("after %i failures, drawn %d, it waits %i ms", ([failures, random, delayMs]) => {
  expect(deliveryDelayMs(failures, random)).toBe(delayMs);
});
