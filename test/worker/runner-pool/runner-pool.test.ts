// The pool in real workerd: joining once, claims that arrive in the end, releases that wait, and hosts that are not trusted any more.

import { evictDurableObject, reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test, vi } from "vitest";
import { closeCodes } from "#wire/close-codes.ts";
import { limits } from "#wire/limits.ts";
import { RUNNER_PROTOCOL_VERSION } from "#wire/version.ts";
import { call, Learner } from "../support/learner.ts";
import { joinToken, ScriptedHost, signer } from "../support/scripted-host.ts";
import { TestSocket } from "../support/test-socket.ts";

const session = `s_${"a".repeat(26)}`;
const user = `u_${"b".repeat(26)}`;
const order = { user, session, epoch: 1, images: [] };
const hello = {
  type: "hello",
  protocolVersion: RUNNER_PROTOCOL_VERSION,
  hostName: "h",
  capacity: 4,
  images: [],
  sessions: [],
};
const pool = () => env.RUNNER_POOL.getByName("local");

afterEach(() => reset());

const register = (token: string) =>
  call("/api/runner/hosts", { method: "POST", body: { joinToken: token, hostName: "host-1" } });

describe("joining", () => {
  test("works once per token, however many try at once", async () => {
    const token = await joinToken();
    const answers = await Promise.all(Array.from({ length: 5 }, () => register(token)));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 401, 401, 401, 401]);
  });

  test("is refused with a token that has expired, is of another purpose or is no token", async () => {
    const tokens = [
      await joinToken("local", Date.now() - 1),
      await signer.sign("host-credential", { host: `h_${"a".repeat(26)}`, pool: "local", nonce: "0123456789abcdef" }),
      "nonsense",
    ];
    for (const token of tokens) {
      const answer = await register(token);
      expect([answer.status, await answer.json()]).toEqual([
        401,
        expect.objectContaining({ code: "credential_refused" }),
      ]);
    }
  });
});

describe("a control socket", () => {
  test("with a forged credential is closed by name", async () => {
    const forged = await signer.sign("host-credential", {
      host: `h_${"a".repeat(26)}`,
      pool: "local",
      nonce: "0123456789abcdef",
    });
    for (const authorization of [`Bearer ${forged}`, "Bearer x.y", "Basic abc", ""]) {
      const socket = await TestSocket.open("/ws/runner/control", { Authorization: authorization });
      expect(await socket.closeCode()).toBe(closeCodes.credential_refused.code);
    }
  });

  test.for([
    ["says something before hello", { type: "claimed", session, epoch: 1 }, closeCodes.bad_message],
    ["speaks another version", { ...hello, protocolVersion: 99 }, closeCodes.upgrade_required],
    ["says what nobody understands", { type: "hello" }, closeCodes.bad_message],
  ] as const)("that %s is closed by name", async ([, message, { code }]) => {
    const host = await ScriptedHost.join();
    const socket = await TestSocket.open("/ws/runner/control", host.authorization);
    socket.say(message);
    expect(await socket.closeCode()).toBe(code);
  });

  test("replaces the host's older one, and answers keep-alives by itself", async () => {
    const host = await ScriptedHost.join();
    const older = await host.connectControl();
    const newer = await host.connectControl();
    expect(await older.closeCode()).toBe(closeCodes.replaced.code);
    newer.say("ping");
    await newer.hearText("pong");
  });

  test("of a revoked host is closed, and its credential is refused everywhere from then on", async () => {
    const host = await ScriptedHost.ready();
    const learner = await Learner.signIn("ann");
    const { id } = await learner.open();
    await host.bringUp(await host.hearClaim());
    await pool().revoke(host.host);
    expect(await host.control?.closeCode()).toBe(closeCodes.credential_refused.code);
    const again = await TestSocket.open("/ws/runner/control", host.authorization);
    expect(await again.closeCode()).toBe(closeCodes.credential_refused.code);
    const starter = await call(`/api/runner/versions/${"a".repeat(64)}/starter`, { headers: host.authorization });
    expect(starter.status).toBe(401);
    await env.USER_SESSION.getByName(learner.user).waitUntilSettled(id, 3_000);
    await expect.poll(async () => (await learner.session()).reason?.code, { timeout: 3_000 }).toBe("container_lost");
  });
});

describe("a placement", () => {
  test("asked for again finds its lease and sends the claim again, with the same host in the ticket", async () => {
    const host = await ScriptedHost.ready(4, []);
    expect(await pool().place(order)).toEqual({ outcome: "placed", host: host.host });
    expect(await pool().place(order)).toEqual({ outcome: "placed", host: host.host });
    const claims = [await host.hearClaim(), await host.hearClaim()];
    for (const { ticket } of claims) {
      expect(await signer.verify("data-ticket", ticket)).toEqual({ user, session, epoch: 1, host: host.host });
    }
  });

  test("counts leases: the session beyond a host's room is refused", async () => {
    await ScriptedHost.ready(1, []);
    await pool().place(order);
    expect(await pool().place({ ...order, epoch: 2 })).toMatchObject({ outcome: "no_runner_host" });
  });

  test("waits after a deploy until hosts that were here have had time to dial again", async () => {
    const host = await ScriptedHost.ready(4, []);
    await evictDurableObject(pool(), { webSockets: "close" });
    expect(await pool().place(order)).toEqual({ outcome: "wait", inMs: expect.any(Number) });
    await host.connectControl({ capacity: 4 });
    expect(await pool().place(order)).toEqual({ outcome: "placed", host: host.host });
  });

  test("waits for a host that has just hung up", async () => {
    const host = await ScriptedHost.ready(4, []);
    host.control?.close();
    let epoch = 0;
    const placeNext = () => pool().place({ ...order, epoch: ++epoch });
    await expect.poll(placeNext, { timeout: 3_000 }).toMatchObject({ outcome: "wait" });
    await host.connectControl({ capacity: epoch + 1 });
    expect(await placeNext()).toEqual({ outcome: "placed", host: host.host });
  });

  test("is refused when hosts that were here have not come back in time, and at once when there never was one", async () => {
    expect(await pool().place(order)).toMatchObject({ outcome: "no_runner_host" });
    await ScriptedHost.ready(4, []);
    await evictDurableObject(pool(), { webSockets: "close" });
    expect(await pool().place(order)).toMatchObject({ outcome: "wait" });
    const later = Date.now() + limits.reconnectMaxMs;
    const clock = vi.spyOn(Date, "now").mockReturnValue(later);
    expect(await pool().place(order)).toMatchObject({ outcome: "no_runner_host" });
    clock.mockRestore();
  });

  test("whose claim was lost on the way is sent again with the host's next hello", async () => {
    const host = await ScriptedHost.ready(4, []);
    await pool().place(order);
    await host.connectControl();
    expect(await host.hearClaim()).toMatchObject({ session, epoch: 1 });
  });

  test("that a host cannot make fails the session with the host's words", async () => {
    const host = await ScriptedHost.ready();
    const learner = await Learner.signIn("ann");
    const { id } = await learner.open();
    const claim = await host.control?.hear<{ type: "claim"; epoch: number }>("claim");
    host.control?.say({
      type: "claim_failed",
      session: id,
      epoch: claim?.epoch,
      code: "container_failed",
      message: "No disk.",
    });
    const ended = await env.USER_SESSION.getByName(learner.user).waitUntilSettled(id, 3_000);
    expect(ended).toMatchObject({ state: "failed", reason: { code: "container_failed", message: "No disk." } });
    expect(await pool().release(id, 1)).toBe("released");
  });
});

describe("a release", () => {
  test("of what nobody holds is done at once, and a held one when the host says so", async () => {
    const host = await ScriptedHost.ready(1, []);
    expect(await pool().release(session, 1)).toBe("released");
    await pool().place(order);
    expect(await pool().release(session, 1)).toBe("pending");
    await host.control?.hear("release");
    host.control?.say({ type: "released", session, epoch: 1 });
    await expect.poll(() => pool().release(session, 1), { timeout: 3_000 }).toBe("released");
    expect(await pool().place({ ...order, epoch: 2 })).toMatchObject({ outcome: "placed" });
  });

  test("for a host that is away waits for its next hello", async () => {
    const host = await ScriptedHost.ready(4, []);
    await pool().place(order);
    await host.hearClaim();
    host.control?.close();
    expect(await pool().release(session, 1)).toBe("pending");
    const control = await host.connectControl({ sessions: [{ session, epoch: 1 }] });
    expect(await control.hear("release")).toEqual({ type: "release", session, epoch: 1 });
  });

  test("is not undone by another host's word", async () => {
    const host = await ScriptedHost.ready(4, []);
    await pool().place(order);
    const other = await ScriptedHost.ready(0, []);
    other.control?.say({ type: "released", session, epoch: 1 });
    other.control?.say({ type: "claim_failed", session, epoch: 1, code: "no_room", message: "" });
    await other.connectControl();
    expect(await pool().place(order)).toEqual({ outcome: "placed", host: host.host });
  });
});
