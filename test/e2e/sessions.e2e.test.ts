// One container for each user, whatever races, and nobody reaches another one's.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { closeCodes } from "#wire/close-codes.ts";
import { newId } from "#wire/ids.ts";
import type { Session } from "#wire/session.ts";
import { BROWSER_SUBPROTOCOL } from "#wire/version.ts";
import { listSessionContainers } from "../support/containers.ts";
import { Stack } from "../support/stack.ts";
import { TestClient } from "../support/test-client.ts";
import { TestUser } from "../support/test-user.ts";

const CHALLENGE = "first-image";

let stack: Stack;
let ann: TestUser;
let bob: TestUser;

beforeAll(async () => {
  stack = await Stack.start({ name: "e2e" });
  ann = await TestUser.signIn(stack.address, "ann");
  bob = await TestUser.signIn(stack.address, "bob");
});

afterAll(async () => {
  expect(await stack.stop()).toEqual([]);
});

describe("20 parallel POSTs from each of two users", () => {
  it("answer one 201 each, one session each, and make one container each", async () => {
    const answers = await Promise.all(
      [ann, bob].map((user) => Promise.all(Array.from({ length: 20 }, () => user.openSession(CHALLENGE)))),
    );
    for (const ofUser of answers) {
      expect(ofUser.filter(({ status }) => status === 201)).toHaveLength(1);
      expect(ofUser.filter(({ status }) => status === 200)).toHaveLength(19);
      expect(new Set(ofUser.map(({ session }) => session.id)).size).toBe(1);
    }
    const sessions = answers.map(([first]) => first?.session.id ?? "");
    expect(new Set(sessions).size).toBe(2);
    for (const [index, user] of [ann, bob].entries()) {
      const client = new TestClient(user, sessions[index] ?? "");
      await client.open();
      client.leave();
    }
    const containers = await listSessionContainers(stack.dataDir);
    expect(containers.map(({ session }) => session).sort()).toEqual([...sessions].sort());
  });
});

it("a shell's first prompt is marked with its terminal's instance, and follows no failure", async () => {
  const { session } = await ann.openSession(CHALLENGE);
  const client = new TestClient(ann, session.id);
  const terminal = await client.open(5);
  const mark = new RegExp(String.raw`\x1b\]133;D;0\x07[^]*\x1b\]133;B;1;(t_\w{26})\x07`);
  const [, instance] = await client.waitForOutput(terminal, mark, 10_000);
  expect(terminal.instances).toEqual([instance]);
  client.leave();
});

it("a program's own completions are there at the first Tab", async () => {
  const { session } = await ann.openSession(CHALLENGE);
  const client = new TestClient(ann, session.id);
  const terminal = await client.open(6);
  await client.waitForOutput(terminal, /\]133;B;1;/, 10_000);
  client.type(terminal, "git cherry-p\t");
  await client.waitForOutput(terminal, /git cherry-pick /, 10_000);
  client.leave();
});

describe("another user's session", () => {
  let ofAnn: Session;
  beforeAll(async () => {
    ofAnn = (await ann.openSession(CHALLENGE)).session;
  });

  it.each([
    ["GET", (id: string) => `/api/sessions/${id}`],
    ["DELETE", (id: string) => `/api/sessions/${id}`],
  ])("answers 404 to %s, as one that does not exist does", async (method, path) => {
    for (const id of [ofAnn.id, newId("s")]) {
      const answer = await bob.request(method, path(id));
      expect(answer.status).toBe(404);
      expect(await answer.json()).toMatchObject({ code: "session_not_found" });
    }
  });

  it("is not what GET current shows", async () => {
    const answer = await bob.request("GET", "/api/sessions/current");
    expect(await answer.text()).not.toContain(ofAnn.id);
  });

  it("is refused on the browser socket with a code that says so", async () => {
    expect(await closeCodeOf(`/ws/sessions/${ofAnn.id}`, { cookie: bob.cookie })).toBe(
      closeCodes.session_not_found.code,
    );
  });

  it("is refused without a sign-in and from another site", async () => {
    expect(await closeCodeOf(`/ws/sessions/${ofAnn.id}`, {})).toBe(closeCodes.sign_in_required.code);
    const foreign = { cookie: ann.cookie, origin: "https://elsewhere.example" };
    expect(await closeCodeOf(`/ws/sessions/${ofAnn.id}`, foreign)).toBe(closeCodes.origin_refused.code);
  });

  it("is refused to who has no ticket, and a cookie is none", async () => {
    const refused: number[] = [closeCodes.credential_refused.code, closeCodes.ticket_refused.code, 401, 403];
    for (const path of ["/ws/runner/data", "/ws/runner/control"]) {
      expect(refused).toContain(await closeCodeOf(path, { cookie: bob.cookie }));
      expect(refused).toContain(await closeCodeOf(path, { authorization: `Bearer ${bob.cookie.split("=")[1] ?? ""}` }));
    }
  });

  it("is still there for its owner after all that", async () => {
    const answer = await ann.request("GET", `/api/sessions/${ofAnn.id}`);
    expect(await answer.json()).toMatchObject({ id: ofAnn.id, state: "ready" });
  });
});

/** The close code of a refused socket, or the status of a refused upgrade. */
function closeCodeOf(path: string, headers: Record<string, string>): Promise<number> {
  const url = `${stack.address.replace("http", "ws")}${path}`;
  const socket = new WebSocket(url, BROWSER_SUBPROTOCOL, { headers: { origin: stack.address, ...headers } });
  return new Promise((resolve, reject) => {
    socket.once("unexpected-response", (_, answer) => {
      resolve(answer.statusCode ?? 0);
      socket.terminate();
    });
    socket.once("close", resolve).once("error", reject);
    socket.once("message", () => reject(new Error(`${path} lets a stranger in`)));
  });
}
