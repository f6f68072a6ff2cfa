// The operators' routes: who may use them, what they show, and that they make no object of anybody's.

import { listDurableObjectIds, reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { parkedOutboxesSchema } from "#wire/history.ts";
import {
  DeliveryWatch,
  POISON,
  refusePoison,
  storedRows,
  takePoison,
  untilParked,
} from "../support/history-database.ts";
import { call, Learner } from "../support/learner.ts";
import { ScriptedHost } from "../support/scripted-host.ts";

const LIST = "/api/admin/outbox";
const RETRY = "/api/admin/outbox/retry";
const pool = () => env.RUNNER_POOL.getByName("local");
const stranger = `u_${"z".repeat(26)}`;

const SOON = { timeout: 5_000, interval: 20 };

let deliveries: DeliveryWatch;

beforeEach(() => {
  deliveries = new DeliveryWatch();
});

const countObjects = async () => (await listDurableObjectIds(env.USER_SESSION)).length;

afterEach(async () => {
  vi.useRealTimers();
  await takePoison();
  await reset();
});

describe("who may use them", () => {
  test.for([
    ["learner", 403],
    ["instructor", 403],
    ["operator", 200],
    ["admin", 200],
  ] as const)("a %s is answered %i", async ([role, status]) => {
    const caller = await Learner.signIn(`admin-${role}`, role);
    const listed = await caller.call(LIST);
    expect(listed.status).toBe(status);
    const retried = await caller.call(RETRY, { method: "POST", body: {} });
    expect(retried.status).toBe(status === 200 ? 202 : status);
    if (status === 403) expect(await listed.json()).toMatchObject({ code: "role_required" });
    if (status === 403) expect(await retried.json()).toMatchObject({ code: "role_required" });
  });

  test("nobody who is not signed in", async () => {
    expect((await call(LIST)).status).toBe(401);
  });
});

describe("parked rows", () => {
  async function parkRow(login: string): Promise<Learner> {
    const host = await ScriptedHost.ready();
    const learner = await Learner.signIn(login);
    const object = env.USER_SESSION.getByName(learner.user);
    const { id } = await learner.open();
    const data = await host.bringUp(await host.hearClaim());
    await object.waitUntilSettled(id, 3_000);
    data.say({ type: "container_lost", message: POISON });
    await expect.poll(async () => (await learner.session()).state, SOON).toBe("failed");
    await untilParked(object, deliveries);
    await expect.poll(() => pool().hasParkedOutbox(learner.user), SOON).toBe(true);
    return learner;
  }

  test("are listed and tried again by an operator: one user's, or everybody's", async () => {
    await refusePoison();
    const operator = await Learner.signIn("admin-retries", "operator");
    const read = async () => parkedOutboxesSchema.parse(await (await operator.call(LIST)).json());
    const retry = async (body: { user?: string }) => (await operator.call(RETRY, { method: "POST", body })).json();
    const users: string[] = [];
    for (let learner = 0; learner < 3; learner++) users.push((await parkRow(`admin-parked-${learner}`)).user);
    const [first = ""] = users;
    const { parked, ...totals } = await read();
    expect(totals).toEqual({ users: 3, rows: 3 });
    expect(parked.map(({ user }) => user)).toEqual(users);
    await takePoison();
    expect(await retry({ user: first })).toEqual({ users: 1, rows: 1 });
    await expect.poll(async () => (await read()).users, SOON).toBe(2);
    expect(await retry({})).toEqual({ users: 2, rows: 2 });
    await expect.poll(read, SOON).toEqual({ users: 0, rows: 0, parked: [] });
    for (const user of users) expect(await storedRows(user)).toHaveLength(3);
  });

  test("of a user whom the pool does not list are not found, and no object is made to look for them", async () => {
    const operator = await Learner.signIn("admin-stranger", "admin");
    const before = await countObjects();
    const response = await operator.call(RETRY, { method: "POST", body: { user: stranger } });
    expect([response.status, await response.json()]).toMatchObject([404, { code: "not_found" }]);
    await operator.call(RETRY, { method: "POST", body: {} });
    expect(await countObjects()).toBe(before);
  });
});
