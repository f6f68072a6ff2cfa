// A runner host that says anything on a data socket: it is closed by name, its learner's browser is sent nothing that is not valid, and other sessions do not notice.

import { evictDurableObject, reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { newId } from "#wire/ids.ts";
import { limits } from "#wire/limits.ts";
import { type Claim, hostDataMessageSchema, sessionDataMessageSchema } from "#wire/runner.ts";
import { finalStates } from "#wire/session.ts";
import { encodeRunnerFrame } from "#wire/terminal-frame.ts";
import { RUNNER_PROTOCOL_VERSION } from "#wire/version.ts";
import { frameKinds, frameMakers, type FrameWords } from "../../support/schema-fuzz-frames.ts";
import { disturb } from "../../support/schema-fuzz-sequence.ts";
import type { Vocabulary } from "../../support/schema-fuzz-tree.ts";
import { MessageFuzz, padTo } from "../../support/schema-fuzz.ts";
import { SeededRandom } from "../../support/seeded-random.ts";
import { Lab } from "../support/lab.ts";
import { Learner } from "../support/learner.ts";
import { LenientBrowser } from "../support/lenient-browser.ts";
import { ScriptedHost } from "../support/scripted-host.ts";
import { FaultWatch, largestAttachmentBytes } from "../support/watch-faults.ts";
import { WirePeer } from "../support/wire-peer.ts";

const BATCHES = 50;
const FLOOD = 200;
const ATTACHMENT_BYTES_MAX = 12 * 1024;
const INSTANCES = [newId("t"), newId("t")];

/** A host whose agent comes and goes makes its own browsers open again more often than they may. */
const BROWSER_ENDS = new Set(["session_ended", "rate_exceeded"]);

type Words = string | Uint8Array;

let watch: FaultWatch;
let bob: Lab;
let machine: ScriptedHost;
let ann: Learner;

beforeEach(async () => {
  watch = FaultWatch.start();
  bob = await Lab.open("bob", await ScriptedHost.ready(1));
  machine = await ScriptedHost.ready();
  ann = await Learner.signIn("ann");
});

afterEach(async () => {
  watch.stop();
  await reset();
});

/** The data socket of Ann's sessions, dialled again whenever it was closed; a session that it ended is followed by the next. */
class FuzzingHost {
  readonly closes = new Map<string, number>();
  readonly faults: string[] = [];
  sessions = 0;
  readonly #random: SeededRandom;
  readonly #fuzz: MessageFuzz<unknown>;
  #claim: Claim | null = null;
  #peer: WirePeer | null = null;
  #browser: LenientBrowser | null = null;
  readonly #marks: number[] = [];
  readonly #requests: number[] = [];
  /** Opens that were not answered. */
  #opens: { connection: number; terminal: number }[] = [];
  #version = "0".repeat(64);

  constructor(random: SeededRandom) {
    this.#random = random;
    this.#fuzz = new MessageFuzz(hostDataMessageSchema, random);
  }

  async act(): Promise<void> {
    const claim = await this.#currentClaim();
    const peer = (this.#peer ??= await this.#dial(claim));
    for (const words of this.#words(claim)) peer.send(words);
    await this.#look();
  }

  /** Has the last of its words refused, and notes what became of its learner's browser. */
  async leave(): Promise<void> {
    this.#peer?.send("!");
    await this.#peer?.until(() => this.#peer?.closeName !== null, "the close");
    await this.#look();
    this.#noteBrowser();
  }

  get heardByBrowser(): ReadonlyMap<string, number> {
    return this.#browser?.heard ?? new Map();
  }

  /** An answer of the object: what was sent before it has been taken, or is about to be. */
  async #look(): Promise<void> {
    const { state } = await ann.session();
    if (this.#peer !== null && !this.#peer.isOpen) {
      const peer = this.#peer;
      await peer.until(() => peer.closeName !== null, "the close");
      const name = peer.closeName === "cut" ? `cut ${peer.closeCode}` : String(peer.closeName);
      this.closes.set(name, (this.closes.get(name) ?? 0) + 1);
      this.#peer = null;
    }
    if (finalStates.has(state)) this.#claim = null;
  }

  async #currentClaim(): Promise<Claim> {
    if (this.#claim !== null) return this.#claim;
    this.#noteBrowser();
    const { id } = await ann.open();
    this.#claim = await machine.hearClaim();
    this.#browser = await LenientBrowser.watch(ann, id);
    this.sessions++;
    return this.#claim;
  }

  #noteBrowser(): void {
    if (this.#browser === null) return;
    this.faults.push(...this.#browser.faults);
    const { closeName } = this.#browser;
    if (closeName !== null && !BROWSER_ENDS.has(closeName)) this.faults.push(`the browser was closed: ${closeName}`);
  }

  async #dial(claim: Claim): Promise<WirePeer> {
    this.#opens = [];
    this.#marks.length = 0;
    const peer = await WirePeer.dialData(machine, claim.ticket, {
      onText: (text) => this.#hear(text),
      onBytes: () => undefined,
    });
    if (this.#random.chance(0.9)) peer.send(this.#hello(claim));
    if (this.#random.chance(0.8)) peer.send(agent("up"));
    return peer;
  }

  #hear(text: string): void {
    const message = sessionDataMessageSchema.parse(JSON.parse(text));
    if (message.type === "mark") this.#marks.push(message.mark);
    if (message.type === "open") this.#opens.push(message);
    if (message.type !== "lay") return;
    this.#requests.push(message.request);
    this.#version = message.version;
  }

  #words(claim: Claim): Words[] {
    const random = this.#random;
    const act = random.between(0, 99);
    if (act < 10) return [this.#fuzz.mutant(undefined, undefined, this.#known(claim)) ?? ""];
    if (act < 45) return Array.from({ length: random.between(1, 6) }, () => this.#text(claim));
    if (act < 55) return [this.#frame()];
    if (act < 75) return this.#conversation(claim);
    if (act < 85) return disturb(this.#conversation(claim), this.#conversation(claim), random);
    if (act < 90) return [padTo(this.#text(claim), limits.runnerMessageBytes + random.pick([0, 1]))];
    const words = random.chance(0.5) ? this.#text(claim) : this.#frame();
    return Array.from({ length: FLOOD }, () => words);
  }

  /** What ends the connection or the session is said now and then only. */
  #text(claim: Claim): string {
    const isHarmless = this.#random.chance(0.97);
    const ends = new Set(["container_lost", "lay_failed", "opened", "open_failed", "behind"]);
    if (this.#marks.length === 0) ends.add("read");
    const types = this.#fuzz.types.filter((type) => !isHarmless || !ends.has(type));
    return this.#fuzz.text(this.#random.pick(types), this.#known(claim));
  }

  #frame(): Uint8Array {
    const words: FrameWords = {
      terminals: [0, 1],
      offsets: [0, 1, 1_000],
      connections: [0, 1, 2],
      payloadMaxBytes: limits.terminalFrameBytes,
    };
    return frameMakers[this.#random.pick(frameKinds)](words, this.#random);
  }

  #known({ session, epoch }: Claim): Vocabulary {
    return {
      session: [session, session, session, bob.session],
      epoch: [epoch, epoch, epoch, epoch + 1],
      protocolVersion: [RUNNER_PROTOCOL_VERSION],
      connection: [1, 2],
      terminal: [0, 1],
      instance: [...INSTANCES, bob.host.instance],
      offset: [0, 1, 1_000, limits.offsetMax],
      end: [1_000, limits.offsetMax],
      request: this.#requests.slice(-2),
      version: [this.#version],
      mark: this.#marks.slice(-2),
    };
  }

  #hello({ session, epoch }: Claim): string {
    return JSON.stringify({ type: "hello", protocolVersion: RUNNER_PROTOCOL_VERSION, session, epoch });
  }

  /** What a host says whose agent comes up, answers a browser's open and prints. */
  #conversation(claim: Claim): Words[] {
    const payload = new Uint8Array(500).fill(0x61);
    const request = this.#requests.at(-1);
    const { connection, terminal } = this.#opens.shift() ?? { connection: 1, terminal: 0 };
    const to = { connection, terminal };
    const at = { instance: INSTANCES[terminal], offset: 0, end: 500, received: 0, cols: 80, rows: 24 };
    return [
      ...(this.#random.chance(0.2) ? [this.#hello(claim), agent("up")] : []),
      ...(request === undefined ? [] : [JSON.stringify({ type: "laid", request, version: this.#version })]),
      JSON.stringify({ type: "opened", ...to, ...at }),
      encodeRunnerFrame({ ...to, offset: 0, payload }),
      encodeRunnerFrame({ connection: 0, terminal, offset: 500, payload }),
      JSON.stringify({ type: "resized", terminal, cols: 100, rows: 30 }),
      JSON.stringify({ type: "behind", ...to, offset: 1_000 }),
      encodeRunnerFrame({ ...to, offset: 1_000, payload }),
      JSON.stringify({ type: "received", ...to, offset: 5 }),
      JSON.stringify({ type: "truncated", ...to, offset: 5_000 }),
      JSON.stringify({ type: "exited", terminal, exitCode: 0 }),
    ];
  }
}

function agent(state: "up" | "down"): string {
  const terminals = state === "up" ? [{ terminal: 0, instance: INSTANCES[0], exited: false }] : [];
  return JSON.stringify({ type: "agent", state, terminals });
}

test.for(inject("seeds"))("seed %i: a host that says anything disturbs nobody", async (seed) => {
  const random = new SeededRandom(seed);
  const host = new FuzzingHost(random);
  const object = env.USER_SESSION.getByName(ann.user);
  for (let batch = 0; batch < BATCHES; batch++) {
    await host.act();
    if (random.chance(0.1)) await evictDurableObject(object, { webSockets: "hibernate" });
  }
  await host.leave();
  expect(await largestAttachmentBytes(object)).toBeLessThan(ATTACHMENT_BYTES_MAX);
  await bob.expectUndisturbed();
  expect([...host.closes.keys()].filter((name) => name.startsWith("cut"))).toEqual([]);
  expect(host.closes.get("bad_message")).toBeGreaterThan(0);
  expect(host.faults).toEqual([]);
  expect(watch.faults).toEqual([]);

  const { id } = await ann.session();
  await ann.call(`/api/sessions/${id}`, { method: "DELETE" });
  const after = await Lab.open("ann", machine);
  await after.expectUndisturbed();
});
