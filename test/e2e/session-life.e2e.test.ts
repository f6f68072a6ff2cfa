// Sessions that live for seconds on a real edge and host: by typing, up to their longest time, and no longer.

import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Session, sessionSchema } from "#wire/session.ts";
import { listSessionContainers } from "../support/containers.ts";
import { Stack } from "../support/stack.ts";
import { TestClient } from "../support/test-client.ts";
import { TestUser } from "../support/test-user.ts";
import { waitUntil } from "../support/wait-until.ts";

const READY_MS = 30_000;
const IDLE_MS = 12_000;
const TOTAL_MS = 45_000;
const MOST_MS = 60_000;
const LATE_MS = 8_000;

const minutes = (ms: number): string => String(ms / 60_000);

let stack: Stack;

beforeAll(async () => {
  stack = await Stack.start({
    name: "session-life",
    environment: {
      BERTH_SESSION_IDLE_MINUTES: minutes(IDLE_MS),
      BERTH_SESSION_TOTAL_MINUTES: minutes(TOTAL_MS),
      BERTH_SESSION_MOST_MINUTES: minutes(MOST_MS),
    },
  });
});

afterAll(async () => {
  expect(await stack.stop()).toEqual([]);
});

async function open(login: string) {
  const user = await TestUser.signIn(stack.address, login);
  const { session } = await user.openSession("first-image");
  const client = new TestClient(user, session.id, { pingEveryMs: 1_000 });
  const terminal = await client.open(0, READY_MS);
  return { user, client, terminal, id: session.id };
}

async function read(user: TestUser): Promise<Session> {
  return sessionSchema.parse(await (await user.request("GET", "/api/sessions/current")).json());
}

it("a session that is typed in lives on, and one whose tab is only open is warned in page and terminal and ends", async () => {
  const { user, client, terminal, id } = await open("idler");
  const typedUntil = Date.now() + IDLE_MS + 4_000;
  while (Date.now() < typedUntil) {
    client.type(terminal, "true\n");
    await delay(1_000);
  }
  expect(await read(user)).toMatchObject({ id, state: "ready" });
  expect(client.notices).toEqual([]);
  const lastTypedAt = Date.now();

  await client.waitFor(() => client.notices.length > 0, IDLE_MS + LATE_MS, "a warning");
  expect(client.notices).toMatchObject([{ code: "ends_soon", message: expect.stringContaining("Nobody has used") }]);
  await client.waitForOutput(terminal, /Nobody has used this session/, 2_000);
  await client.waitFor(() => client.session?.state === "expired", IDLE_MS + LATE_MS, "the end");
  expect(client.session?.reason?.code).toBe("idle_too_long");
  // A quarter of the idle time is the precision of notes.
  expect(Date.now() - lastTypedAt).toBeGreaterThan(IDLE_MS / 2);
  const isGone = async (): Promise<boolean> =>
    (await listSessionContainers(stack.dataDir)).every(({ session }) => session !== id);
  await waitUntil(isGone, READY_MS, "the container to be gone");
  client.leave();
});

it("a session that is extended lasts until its longest time, and then ends in use", async () => {
  const { user, client, terminal, id } = await open("extender");
  const extend = () => user.request("POST", `/api/sessions/${id}/extend`);
  const extended = sessionSchema.parse(await (await extend()).json());
  expect(extended).toMatchObject({ expiresAt: extended.mostAt, extendableAt: null });
  expect((await extend()).status).toBe(200);
  const typing = setInterval(() => client.type(terminal, "true\n"), 1_000);
  await client.waitFor(() => client.session?.state === "expired", MOST_MS + LATE_MS, "the end");
  clearInterval(typing);
  const endedAt = Date.now();
  expect(client.session?.reason?.code).toBe("total_time_over");
  expect(endedAt - extended.createdAt).toBeGreaterThan(MOST_MS - 1_000);
  expect(endedAt - extended.createdAt).toBeLessThan(MOST_MS + LATE_MS);
  expect((await extend()).status).toBe(409);
  client.leave();
});
