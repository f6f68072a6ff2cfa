// A user's object in real workerd: one session whatever races, retries and restarts happen, and nobody else's.

import { evictDurableObject, reset, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test, vi } from "vitest";
import { closeCodes } from "#wire/close-codes.ts";
import { limits } from "#wire/limits.ts";
import { type Session, sessionSchema } from "#wire/session.ts";
import { Learner } from "../support/learner.ts";
import { ScriptedHost, signer } from "../support/scripted-host.ts";

type SessionMessage = { type: "session"; session: Session };
const isReady = ({ session }: SessionMessage): boolean => session.state === "ready" && session.reachable;
const otherId = `s_${"z".repeat(26)}`;

afterEach(async () => {
  vi.useRealTimers();
  await reset();
});

/** The object's and the Worker's clock; timers and the storage's alarms go on as they are. */
function moveClock(byMs: number): void {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + byMs });
}

async function post(learner: Learner, headers: Record<string, string> = {}, challengeId = "first-image") {
  const response = await learner.call("/api/sessions", { method: "POST", body: { challengeId }, headers });
  const body = await response.json<Record<string, unknown>>();
  return { status: response.status, headers: response.headers, body };
}

async function bringUp(login: string) {
  const host = await ScriptedHost.ready();
  const learner = await Learner.signIn(login);
  const session = await learner.open();
  const browser = await learner.connect(session.id);
  const claim = await host.hearClaim();
  const data = await host.bringUp(claim);
  await browser.hear<SessionMessage>("session", isReady);
  return { host, learner, session, browser, claim, data, object: env.USER_SESSION.getByName(learner.user) };
}

describe("opening", () => {
  test("20 parallel POSTs from each of two users make one session, one 201 and one placement each", async () => {
    const host = await ScriptedHost.ready(10);
    const learners = [await Learner.signIn("race-one"), await Learner.signIn("race-two")];
    const answers = await Promise.all(
      learners.map((learner) => Promise.all(Array.from({ length: 20 }, () => post(learner)))),
    );
    for (const one of answers) {
      expect(one.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
        ...Array.from({ length: 19 }, () => 200),
        201,
      ]);
      expect(new Set(one.map(({ body }) => body["id"])).size).toBe(1);
    }
    const claims = [await host.hearClaim(), await host.hearClaim()];
    expect(new Set(claims.map(({ session }) => session))).toEqual(new Set(answers.map((one) => one[0]?.body["id"])));
    expect(host.control?.left.filter((arrived) => "text" in arrived && arrived.text.includes('"claim"'))).toEqual([]);
  });

  test("a repeat with the same Idempotency-Key gets the same answer, also after the session went on", async () => {
    const { learner, session } = await bringUp("idem");
    await learner.call(`/api/sessions/${session.id}`, { method: "DELETE", body: {} });
    const key = { "Idempotency-Key": "wish-1" };
    const first = await post(learner, key);
    const second = await post(learner, key);
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body["id"]).toBe(first.body["id"]);
    expect(second.headers.get("Idempotency-Replayed")).toBe("true");
    expect((await post(learner)).status).toBe(200);
  });

  test("an Idempotency-Key that another challenge used is refused, and so is one that is no key", async () => {
    const { learner, object } = await bringUp("reuse");
    const challenge = { slug: "another", version: "f".repeat(64), images: [] };
    await post(learner, { "Idempotency-Key": "k" });
    const reused = await object.open({ user: learner.user, pool: "local", challenge, idempotencyKey: "k" });
    expect(reused).toEqual({ outcome: "idempotency_key_reused" });
    expect((await post(learner, { "Idempotency-Key": "a b" })).body["code"]).toBe("bad_request");
  });

  test("another challenge is refused by name while one is open", async () => {
    const { learner, session, object } = await bringUp("other");
    const challenge = { slug: "another", version: "f".repeat(64), images: [] };
    const answer = await object.open({ user: learner.user, pool: "local", challenge, idempotencyKey: null });
    expect(answer).toMatchObject({
      outcome: "exit_current_challenge",
      session: { id: session.id, challengeId: "first-image" },
    });
  });

  test("without a host the session fails with a reason, and the next POST is a new one with the next epoch", async () => {
    const learner = await Learner.signIn("no-host");
    // Hosts of other tests in this file hold no image of this name.
    const object = env.USER_SESSION.getByName(learner.user);
    const challenge = { slug: "first-image", version: "f".repeat(64), images: ["nobody/has:this"] };
    const opened = await object.open({ user: learner.user, pool: "local", challenge, idempotencyKey: null });
    if (!("session" in opened)) throw new Error("not opened");
    const ended = await object.waitUntilSettled(opened.session.id, 3_000);
    expect(ended).toMatchObject({ state: "failed", epoch: 1, host: null, reason: { code: "no_runner_host" } });
    expect(await post(learner)).toMatchObject({ status: 201, body: { epoch: 2, state: "starting" } });
  });

  test("Prefer: wait answers when the session is ready", async () => {
    const host = await ScriptedHost.ready();
    const learner = await Learner.signIn("waiter");
    const answer = post(learner, { Prefer: "wait=10" });
    await host.bringUp(await host.hearClaim());
    const { status, headers, body } = await answer;
    expect([status, headers.get("Preference-Applied"), body["state"]]).toEqual([201, "wait=10", "ready"]);
  });
});

test("signing out closes the sockets of that sign-in, and another device of the same learner stays", async () => {
  const { learner, session, browser } = await bringUp("leaver");
  moveClock(1);
  const device = await Learner.signIn("leaver");
  expect(device.cookie).not.toBe(learner.cookie);
  const elsewhere = await device.connect(session.id);
  await learner.call("/auth/sign-out", { method: "POST", body: {} });
  expect(await browser.closeCode()).toBe(closeCodes.sign_in_required.code);
  elsewhere.say("ping");
  await elsewhere.hearText("pong");
  expect((await device.session()).state).toBe("ready");
});

describe("ownership", () => {
  test("another user's session answers 404 on every route and closes the socket with its code", async () => {
    const { session } = await bringUp("owner");
    const mallory = await Learner.signIn("mallory");
    const answers = [
      await mallory.call(`/api/sessions/${session.id}`),
      await mallory.call(`/api/sessions/${session.id}`, { method: "DELETE", body: {} }),
      await mallory.call("/api/sessions/current"),
    ];
    for (const answer of answers) {
      expect(answer.status).toBe(404);
      expect(await answer.json()).toMatchObject({ code: "session_not_found" });
    }
    expect(await (await mallory.connect(session.id)).closeCode()).toBe(closeCodes.session_not_found.code);
    expect((await (await Learner.signIn("owner")).session()).state).toBe("ready");
  });

  test("tickets of other users, epochs and hosts are refused with the code, and the session goes on", async () => {
    const { host, learner, session, claim } = await bringUp("ticketed");
    const stranger = await Learner.signIn("stranger");
    const ticket = { user: learner.user, session: session.id, epoch: claim.epoch, host: host.host };
    const other = await ScriptedHost.ready();
    const code = async (from: ScriptedHost, claims: typeof ticket) => {
      const data = await from.dial(await signer.sign("data-ticket", claims));
      return data.closeCode();
    };
    expect(await code(host, { ...ticket, user: stranger.user })).toBe(closeCodes.epoch_over.code);
    expect(await code(host, { ...ticket, epoch: 2 })).toBe(closeCodes.epoch_over.code);
    expect(await code(host, { ...ticket, session: otherId })).toBe(closeCodes.epoch_over.code);
    expect(await code(host, { ...ticket, host: other.host })).toBe(closeCodes.ticket_refused.code);
    expect(await code(other, ticket)).toBe(closeCodes.ticket_refused.code);
    expect(await code(other, { ...ticket, host: other.host })).toBe(closeCodes.ticket_refused.code);
    expect(await (await host.dial("nonsense")).closeCode()).toBe(closeCodes.ticket_refused.code);
    expect(await learner.session()).toMatchObject({ state: "ready", reachable: true });
  });

  test("one socket more than a user may have is refused, and none is dropped", async () => {
    const { learner, session, browser } = await bringUp("many-tabs");
    const more = await Promise.all(
      Array.from({ length: limits.browserSocketsPerUser - 1 }, () => learner.connect(session.id)),
    );
    expect(await (await learner.connect(session.id)).closeCode()).toBe(closeCodes.too_many_connections.code);
    browser.say("ping");
    await browser.hearText("pong");
    for (const socket of more) socket.close();
  });
});

describe("restarts", () => {
  test("a session that restarts in mid-start resumes its effects", async () => {
    const host = await ScriptedHost.ready();
    const learner = await Learner.signIn("mid-start");
    const session = await learner.open();
    const object = env.USER_SESSION.getByName(learner.user);
    const claim = await host.hearClaim();
    const data = await host.attach(claim);
    data.say({ type: "agent", state: "up", terminals: [] });
    await data.hear("lay");
    await evictDurableObject(object, { webSockets: "close" });
    expect(await data.closeCode()).toBe(1006);
    expect(await learner.session()).toMatchObject({ id: session.id, state: "running", reachable: false });
    const again = await host.bringUp(claim);
    await object.waitUntilSettled(session.id, 3_000);
    expect(await learner.session()).toMatchObject({ id: session.id, epoch: 1, state: "ready", reachable: true });
    expect(again.left).toEqual([]);
  });

  test("the host has its full grace from the moment that a restart of the edge is noticed", async () => {
    const { learner, object } = await bringUp("edge-restart");
    await evictDurableObject(object, { webSockets: "close" });
    await runDurableObjectAlarm(object);
    moveClock(limits.hostGraceMs - 1_000);
    await runDurableObjectAlarm(object);
    expect(await learner.session()).toMatchObject({ state: "ready", reachable: false });
    moveClock(2_000);
    await runDurableObjectAlarm(object);
    expect(await learner.session()).toMatchObject({ state: "failed", reason: { code: "host_lost" } });
  });

  test("a starter is laid once per agent, however often its effect is tried", async () => {
    const host = await ScriptedHost.ready();
    const learner = await Learner.signIn("laid-once");
    const session = await learner.open();
    const object = env.USER_SESSION.getByName(learner.user);
    const data = await host.attach(await host.hearClaim());
    data.say({ type: "agent", state: "up", terminals: [] });
    const { request, version } = await data.hear<{ type: "lay"; request: number; version: string }>("lay");
    for (const webSockets of ["hibernate", "hibernate"] as const) {
      await runInDurableObject(object, (_, state) => state.storage.sql.exec("UPDATE effects SET next_try_at = 0"));
      await evictDurableObject(object, { webSockets });
      await runDurableObjectAlarm(object);
    }
    data.say({ type: "laid", request, version });
    await object.waitUntilSettled(session.id, 3_000);
    data.say("ping");
    await data.hearText("pong", { isNext: true });
  });

  test("an agent that comes up anew lays anew, and only its own answer makes the session ready", async () => {
    const host = await ScriptedHost.ready();
    const learner = await Learner.signIn("laid-anew");
    const session = await learner.open();
    const data = await host.attach(await host.hearClaim());
    type Lay = { type: "lay"; request: number; version: string };
    data.say({ type: "agent", state: "up", terminals: [] });
    const first = await data.hear<Lay>("lay");
    data.say({ type: "agent", state: "down", terminals: [] });
    data.say({ type: "agent", state: "up", terminals: [] });
    const second = await data.hear<Lay>("lay");
    data.say({ type: "laid", request: first.request, version: first.version });
    data.say({ type: "lay_failed", request: first.request, version: first.version, message: "cut" });
    const unsettled = await env.USER_SESSION.getByName(learner.user).waitUntilSettled(session.id, 50);
    expect(unsettled?.state).toBe("running");
    data.say({ type: "laid", request: second.request, version: second.version });
    const settled = await env.USER_SESSION.getByName(learner.user).waitUntilSettled(session.id, 3_000);
    expect(settled?.state).toBe("ready");
  });

  test("hibernation keeps sockets, viewers and connection numbers", async () => {
    const { session, browser, data, learner, object } = await bringUp("sleeper");
    const open = {
      type: "open",
      terminal: 0,
      cols: 80,
      rows: 24,
      claimsSize: true,
      client: crypto.randomUUID(),
      instance: null,
      offset: null,
    };
    browser.say(open);
    await data.hear("open");
    const instance = `t_${"a".repeat(26)}`;
    data.say({
      type: "opened",
      connection: 1,
      terminal: 0,
      instance,
      offset: 0,
      end: 0,
      received: 0,
      cols: 80,
      rows: 24,
    });
    await browser.hear("opened");
    await evictDurableObject(object, { webSockets: "hibernate" });
    data.sendBytes(Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0x61]));
    expect(await browser.hearBytes()).toEqual(Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 0x61]));
    const second = await learner.connect(session.id);
    second.say(open);
    expect(await data.hear("open")).toMatchObject({ connection: 2 });
    expect((await learner.session()).terminals).toEqual([{ terminal: 0, instance, exited: false }]);
  });
});

describe("a cut", () => {
  test("of the data socket is shown, and reattach follows when the agent is up again", async () => {
    const { host, browser, claim, data } = await bringUp("cut");
    data.close();
    await browser.hear<SessionMessage>("session", ({ session }) => !session.reachable && session.state === "ready");
    browser.say({
      type: "open",
      terminal: 0,
      cols: 80,
      rows: 24,
      claimsSize: true,
      client: crypto.randomUUID(),
      instance: null,
      offset: null,
    });
    expect(await browser.hear("error")).toMatchObject({ code: "container_unreachable" });
    const again = await host.attach(claim);
    again.say({ type: "agent", state: "up", terminals: [] });
    await browser.hear("reattach");
    await browser.hear<SessionMessage>("session", isReady);
    expect(again.left.filter((arrived) => "text" in arrived && arrived.text.includes('"lay"'))).toEqual([]);
  });

  test("of a browser tells the agent, and a newer data socket replaces an older one by name", async () => {
    const { host, browser, claim, data, learner, session } = await bringUp("detach");
    browser.close();
    expect(await data.hear("detach")).toEqual({ type: "detach", connection: 1 });
    const newer = await host.attach(claim);
    expect(await data.closeCode()).toBe(closeCodes.replaced.code);
    newer.say({ type: "agent", state: "up", terminals: [] });
    const tab = await learner.connect(session.id);
    await tab.hear<SessionMessage>("session", isReady);
  });

  test("that nobody said anything of is noticed at the next look, and the host has its grace", async () => {
    const { data, learner, object } = await bringUp("silent");
    moveClock(limits.runnerSilenceMs + 1);
    expect(await learner.session()).toMatchObject({ state: "ready", reachable: false });
    expect(await data.closeCode()).toBe(closeCodes.silence.code);
    moveClock(limits.hostGraceMs);
    await runDurableObjectAlarm(object);
    expect(await learner.session()).toMatchObject({ state: "failed", reason: { code: "host_lost" } });
  });

  test.for([
    ["a browser that sends what is no message", "browser", "{}"],
    ["a browser that sends half a frame", "browser", new Uint8Array(3)],
    ["a host that sends what is no message", "data", '{"type":"nonsense"}'],
    ["a host that sends half a frame", "data", new Uint8Array(3)],
  ] as const)("closes %s by name", async ([name, side, message]) => {
    const { browser, data, learner } = await bringUp(`bad-${name.replaceAll(" ", "-").slice(0, 30).replace(/-$/, "")}`);
    const socket = side === "browser" ? browser : data;
    if (typeof message === "string") socket.say(message);
    else socket.sendBytes(message);
    expect(await socket.closeCode()).toBe(closeCodes.bad_message.code);
    expect((await learner.session()).state).toBe("ready");
  });
});

describe("the end", () => {
  test("by the learner closes both sides, releases the host, and refuses the ticket from then on", async () => {
    const { host, learner, session, browser, claim, data } = await bringUp("ending");
    const response = await learner.call(`/api/sessions/${session.id}`, { method: "DELETE", body: {} });
    const ended = sessionSchema.parse(await response.json());
    expect(ended).toMatchObject({ state: "stopped", reachable: false, reason: { code: "ended_by_learner" } });
    expect(await browser.closeCode()).toBe(closeCodes.session_ended.code);
    expect(await data.closeCode()).toBe(closeCodes.epoch_over.code);
    expect(await host.control?.hear("release")).toEqual({ type: "release", session: session.id, epoch: claim.epoch });
    expect(await (await host.dial(claim.ticket)).closeCode()).toBe(closeCodes.epoch_over.code);
    expect(await (await learner.connect(session.id)).closeCode()).toBe(closeCodes.session_ended.code);
    expect(await learner.session()).toMatchObject({ id: session.id, state: "stopped" });
  });

  test("by the total time needs no request", async () => {
    const { host, learner, object, claim } = await bringUp("timed");
    moveClock(limits.sessionTotalMs + 1);
    await runDurableObjectAlarm(object);
    expect(await host.control?.hear("release")).toMatchObject({ session: claim.session, epoch: claim.epoch });
    expect(await learner.session()).toMatchObject({ state: "expired", reason: { code: "total_time_over" } });
  });

  test("by the host's word that the container is gone", async () => {
    const { browser, data } = await bringUp("lost");
    data.say({ type: "container_lost", message: "The disk is gone." });
    const { session } = await browser.hear<SessionMessage>("session", (message) => message.session.state === "failed");
    expect(session.reason).toEqual({ code: "container_lost", message: "The disk is gone." });
  });
});
