// A browser that says anything: it is answered or closed by name, and neither the learner's other tab nor anybody else's session notices.

import { evictDurableObject, reset } from "cloudflare:test";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { limits } from "#wire/limits.ts";
import { encodeBrowserFrame, PROBE_FRAME } from "#wire/terminal-frame.ts";
import { browserMessageSchema, edgeMessageSchema } from "#wire/terminal.ts";
import { frameKinds, frameMakers, type FrameWords } from "../../support/schema-fuzz-frames.ts";
import { disturb } from "../../support/schema-fuzz-sequence.ts";
import type { Vocabulary } from "../../support/schema-fuzz-tree.ts";
import { MessageFuzz, padTo } from "../../support/schema-fuzz.ts";
import { SeededRandom } from "../../support/seeded-random.ts";
import { Lab } from "../support/lab.ts";
import { ScriptedHost } from "../support/scripted-host.ts";
import { FaultWatch } from "../support/watch-faults.ts";
import { WirePeer } from "../support/wire-peer.ts";

const BATCHES = 30;
const FLOOD = 200;
const CLIENT = "6f1c1c1e-0000-4000-8000-000000000001";

type Words = string | Uint8Array;

let watch: FaultWatch;
let ann: Lab;
let bob: Lab;

beforeEach(async () => {
  watch = FaultWatch.start();
  const machine = await ScriptedHost.ready();
  ann = await Lab.open("ann", machine);
  bob = await Lab.open("bob", machine);
});

afterEach(async () => {
  watch.stop();
  await reset();
});

/** A tab of Ann's that dials again whenever it was closed; `closes` is what it was closed with. */
class FuzzingBrowser {
  readonly closes = new Map<string, number>();
  readonly marks: number[] = [];
  readonly #random: SeededRandom;
  readonly #fuzz: MessageFuzz<unknown>;
  #peer: WirePeer | null = null;
  #probes = 0;
  #probesBack = 0;

  constructor(random: SeededRandom) {
    this.#random = random;
    this.#fuzz = new MessageFuzz(browserMessageSchema, random);
  }

  /** Says some words, and waits until the object has taken them or closed. */
  async act(): Promise<void> {
    const peer = (this.#peer ??= await WirePeer.dialBrowser(ann.learner, ann.session, {
      onText: (text) => this.#hear(text),
      onBytes: (bytes) => void (this.#probesBack += bytes[0] === PROBE_FRAME && bytes.length === 3 ? 1 : 0),
    }));
    for (const words of this.#words()) peer.send(words);
    const probe = ++this.#probes;
    this.#probesBack = probe - 1;
    peer.send(Uint8Array.of(PROBE_FRAME, probe & 0xff, 0));
    await peer.until(() => this.#probesBack >= probe || !peer.isOpen, "the probe or the close");
    await this.#noteClose(peer);
  }

  async leave(): Promise<void> {
    this.#peer?.send("!");
    if (this.#peer !== null) await this.#noteClose(this.#peer);
  }

  async #noteClose(peer: WirePeer): Promise<void> {
    if (peer.isOpen) return;
    await peer.until(() => peer.closeName !== null, "the close");
    const name = peer.closeName === "cut" ? `cut ${peer.closeCode}` : String(peer.closeName);
    this.closes.set(name, (this.closes.get(name) ?? 0) + 1);
    this.#peer = null;
    this.marks.length = 0;
  }

  #hear(text: string): void {
    if (text === "pong") return;
    const message = edgeMessageSchema.parse(JSON.parse(text));
    if (message.type === "mark") this.marks.push(message.mark);
  }

  #words(): Words[] {
    const random = this.#random;
    const act = random.between(0, 99);
    if (act < 15) return [this.#mutant()];
    if (act < 55) return Array.from({ length: random.between(1, 8) }, () => this.#text());
    if (act < 70) return [this.#frame()];
    if (act < 90) return disturb(this.#conversation(0), this.#conversation(1), random);
    if (act < 95) return [padTo(this.#fuzz.text(), limits.browserMessageBytes + random.pick([0, 1]))];
    const words = random.chance(0.5) ? this.#text() : this.#frame();
    return Array.from({ length: FLOOD }, () => words);
  }

  /** A mark that is not out ends the connection: it is made up now and then only. */
  #text(): string {
    const isRead = this.marks.length > 0 || this.#random.chance(0.05);
    return this.#fuzz.text(
      this.#random.pick(this.#fuzz.types.filter((type) => isRead || type !== "read")),
      this.#known,
    );
  }

  #mutant(): string {
    return this.#fuzz.mutant(undefined, undefined, this.#known) ?? "";
  }

  #frame(): Uint8Array {
    return frameMakers[this.#random.pick(frameKinds)](this.#frameWords, this.#random);
  }

  get #frameWords(): FrameWords {
    const offsets = [0, 5, ann.host.end];
    return { terminals: [0, 1], offsets, connections: null, payloadMaxBytes: limits.inputFrameBytes };
  }

  get #known(): Vocabulary {
    return {
      terminal: [0, 1],
      cols: [80, 100],
      instance: [ann.host.instance, bob.host.instance, null],
      offset: [0, 1, ann.host.end, ann.host.end + 1, limits.offsetMax],
      client: [CLIENT],
      mark: this.marks.slice(-2),
    };
  }

  /** What a page says that opens a terminal, types in it, changes its size and closes it. */
  #conversation(terminal: number): Words[] {
    const size = { cols: 100, rows: 30 };
    const shown = { client: CLIENT, instance: null, offset: null };
    const key = (offset: number) => encodeBrowserFrame({ terminal, offset, payload: Uint8Array.of(0x61) });
    return [
      JSON.stringify({ type: "open", terminal, ...size, claimsSize: true, ...shown }),
      key(0),
      key(1),
      JSON.stringify({ type: "ack", terminal, offset: ann.host.end }),
      JSON.stringify({ type: "resize", terminal, ...size }),
      JSON.stringify({ type: "probe", probe: 1, at: "container" }),
      key(2),
      ...this.marks.slice(-1).map((mark) => JSON.stringify({ type: "read", mark })),
      JSON.stringify({ type: "close", terminal, instance: ann.host.instance }),
    ];
  }
}

test.for(inject("seeds"))("seed %i: a browser that says anything disturbs nobody", async (seed) => {
  const random = new SeededRandom(seed);
  const browser = new FuzzingBrowser(random);
  for (let batch = 0; batch < BATCHES; batch++) {
    await browser.act();
    if (random.chance(0.3)) random.pick([ann, bob]).print();
    if (random.chance(0.1)) await evictDurableObject(ann.object, { webSockets: "hibernate" });
  }
  await browser.leave();
  await ann.expectUndisturbed();
  await bob.expectUndisturbed();
  expect([...browser.closes.keys()].filter((name) => name.startsWith("cut"))).toEqual([]);
  expect(browser.closes.get("bad_message")).toBeGreaterThan(0);
  expect(watch.faults).toEqual([]);
  expect(watch.calls).toBeGreaterThan(BATCHES);
});

test("a browser that floods is closed, and the tab beside it goes on", async () => {
  const peer = await WirePeer.dialBrowser(ann.learner, ann.session, {
    onText: () => undefined,
    onBytes: () => undefined,
  });
  // Orders run out long before frames do: a slow machine takes no more frames than it is allowed.
  for (let sent = 0; sent < 2 * limits.browserOrdersBurst; sent++)
    peer.say({ type: "probe", probe: 1, at: "container" });
  await peer.until(() => peer.closeName !== null, "the close");
  expect(peer.closeName).toBe("rate_exceeded");
  await ann.expectUndisturbed();
  await bob.expectUndisturbed();
  expect(watch.faults).toEqual([]);
});
