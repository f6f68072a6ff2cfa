// What a flood may cost, with browsers that read, do not read, do not acknowledge, or acknowledge what they never got: tests for a short and a whole run.

import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { closeCodes } from "#wire/close-codes.ts";
import { limits } from "#wire/limits.ts";
import { closes, edgeResidentBytes, readEdgeCounts } from "../support/edge-metrics.ts";
import { FloodRig } from "../support/flood-rig.ts";
import { waitUntil } from "../support/wait-until.ts";

export interface FloodSuite {
  /** Of the data directory. */
  readonly name: string;
  /** When memory is read after a browser has stopped to read. */
  readonly firstMs: number;
  readonly lastMs: number;
  readonly interrupts: number;
  /** The median of them, from the key to the program's end. */
  readonly interruptMs: number;
}

const MiB = 1024 * 1024;
const DRAW_MS = 2_000;
const DEADLINE_MS = 30_000;
const GROWTH_BYTES_MAX = 8 * MiB;
/** The window, and the one frame that takes a viewer out of the live flow. */
const IN_FLIGHT_BYTES_MAX = limits.creditWindowBytes + limits.terminalFrameBytes;
/** An offset that no terminal comes to in a test. */
const NEVER_SENT = 2 ** 40;
const LIE_EVERY_MS = 2;

export function describeFlood({ name, firstMs, lastMs, interrupts, interruptMs }: FloodSuite): void {
  let rig: FloodRig;
  const say = (figure: string): boolean => process.stdout.write(`${figure}\n`);

  beforeAll(async () => {
    rig = await FloodRig.start(name);
  });

  afterAll(async () => {
    expect(await rig.stop()).toEqual([]);
  });

  afterEach(() => {
    expect(rig.terminal.faults).toEqual([]);
    expect(rig.terminal.instances).toHaveLength(1);
    expect(rig.tally.mostBytes).toBeLessThanOrEqual(IN_FLIGHT_BYTES_MAX);
  });

  describe("a flood into a browser", () => {
    it("that draws it arrives in order", async () => {
      await rig.startFlood();
      const startedAt = performance.now();
      rig.watch.begin();
      await delay(DRAW_MS);
      const megabytes = rig.watch.finish() / 1e6;
      say(`drawn: ${((megabytes * 1000) / (performance.now() - startedAt)).toFixed(1)} MB/s`);
      expect(megabytes).toBeGreaterThan(1);
      say(`Ctrl-C while drawing: ${(await rig.interrupt(DEADLINE_MS)).toFixed(0)} ms`);
      await rig.expectShell(DEADLINE_MS);
    });

    it(
      "that stops reading stands still, costs no memory, and is ended by Ctrl-C",
      { timeout: lastMs + 120_000 },
      async () => {
        const times: number[] = [];
        for (let round = 0; round < interrupts; round++) {
          await rig.startFlood();
          rig.client.stopReading();
          if (round === 0) {
            await delay(firstMs);
            const [first, sentFirst] = [await edgeResidentBytes(rig.stack), rig.tally.outputBytes];
            await delay(lastMs - firstMs);
            const [last, sentLast] = [await edgeResidentBytes(rig.stack), rig.tally.outputBytes];
            say(
              `edge after ${firstMs / 1000} s ${(first / MiB).toFixed(1)} MiB, after ${lastMs / 1000} s ${(last / MiB).toFixed(1)} MiB`,
            );
            expect(Math.abs(last - first)).toBeLessThan(GROWTH_BYTES_MAX);
            expect(sentLast).toBe(sentFirst);
          }
          times.push(await rig.interrupt(DEADLINE_MS));
          rig.client.readOn();
          await rig.expectShell(DEADLINE_MS);
        }
        const median = times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)];
        say(`Ctrl-C while not reading: ${times.map((time) => time.toFixed(0)).join(", ")} ms`);
        say(`most under way: ${rig.tally.mostBytes} bytes of a window of ${limits.creditWindowBytes}`);
        expect(median).toBeLessThan(interruptMs);
        expect(rig.client.closes).toEqual([]);
      },
    );

    it("that never acknowledges stops at the window, and goes on once it does", async () => {
      await rig.startFlood();
      rig.client.isAcknowledging = false;
      let seen = -1;
      await waitUntil(
        async () => {
          const isStill = seen === rig.terminal.offset;
          seen = rig.terminal.offset;
          await delay(500);
          return isStill;
        },
        DEADLINE_MS,
        "the flood to stop",
      );
      rig.client.isAcknowledging = true;
      rig.client.send({ type: "ack", terminal: 0, offset: rig.terminal.offset });
      await rig.client.waitFor(() => rig.terminal.offset > seen + MiB, DEADLINE_MS, "the flood to go on");
      await rig.interrupt(DEADLINE_MS);
      await rig.expectShell(DEADLINE_MS);
      expect(rig.client.closes).toEqual([]);
    });

    it("that acknowledges what it was never sent is a flood like any other", async () => {
      await rig.startFlood();
      const lie = setInterval(() => rig.client.send({ type: "ack", terminal: 0, offset: NEVER_SENT }), LIE_EVERY_MS);
      await delay(DRAW_MS);
      clearInterval(lie);
      await rig.interrupt(DEADLINE_MS);
      await rig.expectShell(DEADLINE_MS);
      expect(rig.client.closes).toEqual([]);
    });

    it("that acknowledges and does not read is closed by name, and finds its shell again", async () => {
      const before = await edgeResidentBytes(rig.stack);
      const closedBefore = closes(await readEdgeCounts(rig.stack), "not_reading");
      await rig.startFlood();
      rig.client.stopReading();
      const lie = setInterval(() => rig.client.send({ type: "ack", terminal: 0, offset: NEVER_SENT }), LIE_EVERY_MS);
      const isClosed = async (): Promise<boolean> =>
        closes(await readEdgeCounts(rig.stack), "not_reading") > closedBefore;
      await waitUntil(isClosed, DEADLINE_MS, "the browser to be closed");
      const grown = (await edgeResidentBytes(rig.stack)) - before;
      clearInterval(lie);
      rig.client.readOn();
      await rig.client.waitFor(() => rig.client.closes.length > 0, DEADLINE_MS, "to hear of it");
      expect(rig.client.closes).toEqual([closeCodes.not_reading.code]);
      say(`edge grown by ${(grown / MiB).toFixed(1)} MiB before a liar was closed`);
      await rig.client.waitFor(() => rig.terminal.isOpen, DEADLINE_MS, "to be back");
      rig.client.closes.length = 0;
      await rig.interrupt(DEADLINE_MS);
      await rig.expectShell(DEADLINE_MS);
    });
  });
}
