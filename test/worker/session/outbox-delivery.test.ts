// How an outbox delivers, against a database that a test plays: one request at a time, smaller ones until a bad row is found, and reports that get through.

import { reset, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect, test, vi } from "vitest";
import { newId } from "#wire/ids.ts";
import { limits } from "#wire/limits.ts";
import type { HistoryRow, WriteAnswer } from "../../../worker/db/history-rows.ts";
import type { OutboxReport } from "../../../worker/runner-pool/pool-calls.ts";
import { OutboxStore } from "../../../worker/session/outbox-store.ts";
import { Outbox } from "../../../worker/session/outbox.ts";

const USER = `u_${"a".repeat(26)}`;
const WRITTEN: WriteAnswer = { outcome: "written" };

afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  await reset();
});

function makeRow(place: number, challenge = "first-image"): HistoryRow {
  const session = newId("s");
  const end = { finalState: null, reasonCode: null, reasonMessage: null };
  const of = { user: USER, session, epoch: 1, challenge, challengeVersion: "0".repeat(64), host: null };
  return { id: `row-${place}`, kind: "started", ...of, ...end, at: place };
}

type Rig = {
  outbox: Outbox;
  store: OutboxStore;
  /** Ids of each request's rows. */
  requests: string[][];
  reports: [pool: string, report: OutboxReport][];
  /** Goes to what is due next, and through what comes of it. */
  pass(): Promise<void>;
};

/** An outbox on an object's own storage; the object itself takes no part. */
function withOutbox(
  ways: { write(rows: readonly HistoryRow[]): Promise<WriteAnswer>; report?(): Promise<void>; pool?(): string },
  check: (rig: Rig) => Promise<void>,
): Promise<void> {
  return runInDurableObject(env.CATALOG.getByName(newId("s")), async (_, { storage }) => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const store = new OutboxStore(storage);
    const requests: string[][] = [];
    const reports: [string, OutboxReport][] = [];
    let alarms = 0;
    const outbox = new Outbox(store, {
      write(rows) {
        requests.push(rows.map(({ id }) => id));
        return ways.write(rows);
      },
      async report(pool, report) {
        reports.push([pool, report]);
        await ways.report?.();
      },
      owner: () => ({ user: USER, pool: ways.pool?.() ?? "local" }),
      setAlarm: () => void (alarms += 1),
    });
    const pass = async (): Promise<void> => {
      const at = store.nextAt(Date.now());
      if (at === null) throw new Error("Nothing is due");
      vi.setSystemTime(Math.max(at, Date.now()));
      const before = alarms;
      outbox.deliver(Date.now());
      // Whatever a delivery does, it sets the alarm when it is over, and at least once before.
      await vi.waitUntil(() => alarms >= before + 2, { interval: 1 });
    };
    await check({ outbox, store, requests, reports, pass });
  });
}

test("one request runs at a time, and what comes meanwhile goes with the next", async () => {
  const answers: (() => void)[] = [];
  const write = () => new Promise<WriteAnswer>((resolve) => answers.push(() => resolve(WRITTEN)));
  await withOutbox({ write }, async ({ outbox, store, requests }) => {
    store.add([makeRow(1)]);
    outbox.deliver(Date.now());
    store.add([makeRow(2), makeRow(3)]);
    outbox.deliver(Date.now());
    outbox.deliver(Date.now());
    expect(requests).toEqual([["row-1"]]);
    answers.shift()?.();
    await vi.waitUntil(() => answers.length === 1);
    expect(requests).toEqual([["row-1"], ["row-2", "row-3"]]);
  });
});

test("a batch that is refused as a whole is halved until the row is found, and all others pass", async () => {
  const bad = "row-37";
  const write = async (rows: readonly HistoryRow[]): Promise<WriteAnswer> => {
    if (rows.every(({ id }) => id !== bad)) return WRITTEN;
    return { outcome: "refused", index: rows.length === 1 ? 0 : null, code: "BODY_TOO_LARGE" };
  };
  await withOutbox({ write }, async ({ store, requests, pass }) => {
    store.add(Array.from({ length: limits.outboxBatchRows }, (_, place) => makeRow(place)));
    for (let round = 0; round < 4; round++) if ((store.tryAt(Date.now()) ?? Infinity) <= Date.now()) await pass();
    expect(store.due(100, Number.MAX_SAFE_INTEGER / 2).map(({ id }) => id)).toEqual([bad]);
    expect(requests.length).toBeLessThan(2 * limits.outboxRequestsPerDelivery);
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    while (store.parked() === null) await pass();
    expect(store.parked()).toMatchObject({ rows: 1, code: "BODY_TOO_LARGE" });
  });
});

test("a batch has no more bytes than its limit, unless one row alone has", async () => {
  await withOutbox({ write: async () => WRITTEN }, async ({ store, requests, pass }) => {
    const half = "x".repeat(limits.outboxBatchBytes / 2);
    const whole = "x".repeat(limits.outboxBatchBytes);
    store.add([makeRow(1, half), makeRow(2, half), makeRow(3), makeRow(4, whole), makeRow(5)]);
    await pass();
    expect(requests).toEqual([["row-1"], ["row-2", "row-3"], ["row-4"], ["row-5"]]);
  });
});

test("a report that does not get through is made again, to the pool that was told first", async () => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  let pool = "local";
  let isPoolAway = true;
  let isRefusing = true;
  const ways = {
    write: async (): Promise<WriteAnswer> =>
      isRefusing ? { outcome: "refused", index: 0, code: "SQLITE_CONSTRAINT" } : WRITTEN,
    report: () => (isPoolAway ? Promise.reject(new Error("away")) : Promise.resolve()),
    pool: () => pool,
  };
  await withOutbox(ways, async ({ outbox, store, reports, pass }) => {
    store.add([makeRow(1)]);
    for (let refusal = 0; refusal < limits.outboxRefusalsMax; refusal++) await pass();
    const parked = { user: USER, parked: { rows: 1, since: expect.any(Number), code: "SQLITE_CONSTRAINT" } };
    expect(reports).toEqual([["local", parked]]);
    isPoolAway = false;
    pool = "elsewhere";
    await pass();
    expect(reports.slice(1)).toEqual([["local", parked]]);
    const inMs = (store.nextAt(Date.now()) ?? 0) - Date.now();
    expect(Math.abs(inMs - limits.outboxReportEveryMs)).toBeLessThan(1_000);
    isRefusing = false;
    expect(outbox.retry(Date.now())).toBe(1);
    await vi.waitUntil(() => reports.length === 3);
    expect(reports[2]).toEqual(["local", { user: USER, parked: null }]);
    await vi.waitUntil(() => store.nextAt(Date.now()) === null);
  });
});

test("a clock that goes back by hours delays nothing by more than the longest wait", async () => {
  let isAway = true;
  const write = async (): Promise<WriteAnswer> => (isAway ? { outcome: "away", code: "SERVER_ERROR" } : WRITTEN);
  await withOutbox({ write }, async ({ store, pass, requests }) => {
    store.add([makeRow(1)]);
    await pass();
    isAway = false;
    vi.setSystemTime(Date.now() - 5 * 60 * 60_000);
    await pass();
    expect(requests).toHaveLength(2);
    expect(store.tryAt(Date.now())).toBeNull();
  });
});
