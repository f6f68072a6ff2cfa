// A runner host that says anything on its control socket: it is closed by name, the pool keeps what it knows of other hosts, and goes on placing sessions.

import { reset, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { newId } from "#wire/ids.ts";
import { limits } from "#wire/limits.ts";
import { hostControlMessageSchema, poolControlMessageSchema } from "#wire/runner.ts";
import { RUNNER_PROTOCOL_VERSION } from "#wire/version.ts";
import type { Vocabulary } from "../../support/schema-fuzz-tree.ts";
import { MessageFuzz, padTo } from "../../support/schema-fuzz.ts";
import { SeededRandom } from "../../support/seeded-random.ts";
import { Lab } from "../support/lab.ts";
import { Learner } from "../support/learner.ts";
import { ScriptedHost } from "../support/scripted-host.ts";
import { FaultWatch } from "../support/watch-faults.ts";
import { WirePeer } from "../support/wire-peer.ts";

const BATCHES = 60;
const FLOOD = 200;
const STRANGERS = [newId("s"), newId("s")];

let watch: FaultWatch;
let bob: Lab;
let trusted: ScriptedHost;
let hostile: ScriptedHost;
const pool = () => env.RUNNER_POOL.getByName("local");

beforeEach(async () => {
  watch = FaultWatch.start();
  trusted = await ScriptedHost.ready(2);
  bob = await Lab.open("bob", trusted);
  hostile = await ScriptedHost.join();
});

afterEach(async () => {
  watch.stop();
  await reset();
});

class FuzzingControl {
  readonly closes = new Map<string, number>();
  readonly #random: SeededRandom;
  readonly #fuzz: MessageFuzz<unknown>;
  #peer: WirePeer | null = null;

  constructor(random: SeededRandom) {
    this.#random = random;
    this.#fuzz = new MessageFuzz(hostControlMessageSchema, random);
  }

  async act(): Promise<void> {
    this.#peer ??= await this.#dial();
    for (const words of this.#words()) this.#peer.send(words);
    await this.#look();
  }

  /** So many hellos at once, on a new socket. */
  async sayHellos(count: number): Promise<void> {
    this.#peer?.close();
    this.#peer = await this.#dial();
    for (let said = 0; said < count; said++) this.#peer.send(hello([]));
    await this.#look();
  }

  async leave(): Promise<void> {
    this.#peer?.send("!");
    await this.#peer?.until(() => this.#peer?.closeName !== null, "the close");
    await this.#look();
  }

  /** An answer of the pool: what was sent before it has been taken, or is about to be. */
  async #look(): Promise<void> {
    await pool().isAccepted(hostile.host, "");
    const peer = this.#peer;
    if (peer === null || peer.isOpen) return;
    await peer.until(() => peer.closeName !== null, "the close");
    const name = peer.closeName === "cut" ? `cut ${peer.closeCode}` : String(peer.closeName);
    this.closes.set(name, (this.closes.get(name) ?? 0) + 1);
    this.#peer = null;
  }

  async #dial(): Promise<WirePeer> {
    const peer = await WirePeer.dialControl(hostile, {
      onText: (text) => void poolControlMessageSchema.parse(JSON.parse(text)),
      onBytes: () => undefined,
    });
    if (this.#random.chance(0.8)) peer.send(this.#fuzz.text("hello", this.#known));
    return peer;
  }

  #words(): (string | Uint8Array)[] {
    const random = this.#random;
    const act = random.between(0, 99);
    if (act < 15) return [this.#fuzz.mutant(undefined, undefined, this.#known) ?? ""];
    if (act < 80) return Array.from({ length: random.between(1, 6) }, () => this.#fuzz.text(undefined, this.#known));
    if (act < 85) return [new Uint8Array(random.between(0, 100))];
    if (act < 90) return [padTo(this.#fuzz.text(), limits.runnerMessageBytes + random.pick([0, 1]))];
    if (act < 95) return [this.#fullHello()];
    const words = this.#fuzz.text(undefined, this.#known);
    return Array.from({ length: FLOOD }, () => words);
  }

  /** As many sessions as a host may hold, none of which anybody knows. */
  #fullHello(): string {
    return hello(Array.from({ length: limits.sessionsPerHost }, () => ({ session: newId("s"), epoch: 1 })));
  }

  get #known(): Vocabulary {
    return {
      protocolVersion: [RUNNER_PROTOCOL_VERSION],
      session: [bob.session, bob.session, ...STRANGERS],
      epoch: [1, 2],
    };
  }
}

function hello(sessions: { session: string; epoch: number }[]): string {
  const about = { protocolVersion: RUNNER_PROTOCOL_VERSION, hostName: "h", capacity: 1_000, images: [] };
  return JSON.stringify({ type: "hello", ...about, sessions });
}

function leasesOf(host: string): Promise<{ session: string; state: string }[]> {
  return runInDurableObject(pool(), (_, { storage }) =>
    storage.sql
      .exec<{ session: string; state: string }>("SELECT session, state FROM leases WHERE host = ?", host)
      .toArray(),
  );
}

test.for(inject("seeds"))("seed %i: a host that says anything changes nothing of another's", async (seed) => {
  const control = new FuzzingControl(new SeededRandom(seed));
  for (let batch = 0; batch < BATCHES; batch++) await control.act();
  await control.leave();
  expect([...control.closes.keys()].filter((name) => name.startsWith("cut"))).toEqual([]);
  expect(control.closes.get("bad_message")).toBeGreaterThan(0);
  expect(await leasesOf(trusted.host)).toEqual([{ session: bob.session, state: "placed" }]);
  expect((await leasesOf(hostile.host)).length).toBeLessThanOrEqual(limits.sessionsPerHost);
  await bob.expectUndisturbed();
  await pool().revoke(hostile.host);
  expect(await leasesOf(hostile.host)).toEqual([]);
  await Learner.signIn("ann");
  await Lab.open("ann", trusted);
  expect(watch.faults).toEqual([]);
});

test("a host that says hello again and again, also on new sockets, is closed before the pool has no time for others", async () => {
  const control = new FuzzingControl(new SeededRandom(1));
  for (let sockets = 0; sockets < 5; sockets++)
    await control.sayHellos(Math.ceil(limits.controlFramesBurst / limits.helloFrames / 2));
  await control.leave();
  expect(control.closes.get("rate_exceeded")).toBeGreaterThan(0);
  await bob.expectUndisturbed();
});
