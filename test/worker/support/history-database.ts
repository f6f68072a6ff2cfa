// The database as tests of history have it: away or back, with rows that it refuses, and read past every object.

import { createClient } from "@libsql/client/web";
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { vi } from "vitest";
import { limits } from "#wire/limits.ts";
import { edgeCounts } from "../../../worker/metrics/edge-counts.ts";
import type { UserSession } from "../../../worker/session/user-session.ts";

/** What a host says of a container that is gone, so that the session's end is a row that the database refuses. */
export const POISON = "poison";

const client = () => createClient({ url: env.DATABASE_URL, authToken: env.DATABASE_TOKEN ?? "" });

export async function switchDatabase(mode: "on" | "off" | "stalled" | "deaf"): Promise<void> {
  await fetch(`${env.DATABASE_URL}/switch/${mode}`, { method: "POST" });
}

export async function refusePoison(): Promise<void> {
  await client().execute(
    `CREATE TRIGGER refuse_poison BEFORE INSERT ON session_events WHEN NEW.reason_message = '${POISON}' BEGIN SELECT RAISE(ABORT, 'refused'); END`,
  );
}

export async function takePoison(): Promise<void> {
  await client().execute("DROP TRIGGER IF EXISTS refuse_poison");
}

/** Session and kind of each stored row, in the order in which they were stored. */
export async function storedRows(user: string): Promise<string[]> {
  const { rows } = await client().execute({
    sql: "SELECT session, kind FROM session_events WHERE user = ? ORDER BY rowid",
    args: [user],
  });
  return rows.map(({ session, kind }) => `${String(session)} ${String(kind)}`);
}

/** Session and kind of each row that an object keeps, with `parked` behind those that it has put aside. */
export function keptRows(object: DurableObjectStub<UserSession>): Promise<string[]> {
  return runInDurableObject(object, (_, { storage }) =>
    storage.sql
      .exec<{ text: string }>(
        "SELECT session || ' ' || kind || iif(parked_at IS NULL, '', ' parked') AS text FROM outbox ORDER BY place",
      )
      .toArray()
      .map(({ text }) => text),
  );
}

const running = (): number => {
  const { begun, written, refused, away } = edgeCounts.outbox.requests;
  return begun - written - refused - away;
};

/** Waits for requests of outboxes; those that went with an object of an earlier test never end. */
export class DeliveryWatch {
  readonly #lost = running();

  async untilIdle(): Promise<void> {
    await vi.waitUntil(() => running() <= this.#lost, { timeout: 5_000, interval: 5 });
  }
}

/** Waits until the object has tried to bring the database what it keeps. */
export async function untilTried(object: DurableObjectStub<UserSession>): Promise<void> {
  const isTried = () =>
    runInDurableObject(object, (_, { storage }) => {
      const { rows } = storage.sql.exec<{ rows: number }>("SELECT count(*) AS rows FROM outbox").one();
      const [delivery] = storage.sql.exec<{ failures: number }>("SELECT failures FROM outbox_delivery").toArray();
      return rows === 0 || (delivery?.failures ?? 0) > 0;
    });
  await vi.waitUntil(isTried, { timeout: 5_000, interval: 20 });
}

/** Lets the object try until it keeps a parked row. */
export async function untilParked(object: DurableObjectStub<UserSession>, deliveries: DeliveryWatch): Promise<void> {
  for (let tries = 0; tries < 3 * limits.outboxRefusalsMax; tries++) {
    await deliveries.untilIdle();
    if ((await keptRows(object)).some((row) => row.endsWith(" parked"))) return;
    await passToAlarm(object);
  }
  throw new Error("The object parks nothing");
}

/** Moves the clock to the object's alarm and fires it; answers how far that was. */
export async function passToAlarm(object: DurableObjectStub<UserSession>): Promise<number> {
  const at = await runInDurableObject(object, (_, { storage }) => storage.getAlarm());
  if (at === null) throw new Error("The object has no alarm");
  const passedMs = Math.max(0, at - Date.now());
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + passedMs });
  await runDurableObjectAlarm(object);
  return passedMs;
}
