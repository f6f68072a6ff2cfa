// Shows that output reaches the emulator in order, and that a hidden page takes it without drawing it one by one.

import { describe, expect, it } from "vitest";
import { DrawQueue, UNDRAWN_BYTES_MAX } from "../../../web/terminal/draw-queue.ts";

/** An emulator that parses when the test says so. */
class SlowEmulator {
  isHidden = false;
  readonly #writes: { text: string; parsed: () => void }[] = [];
  readonly parsed: string[] = [];
  readonly queue = new DrawQueue({
    isHidden: () => this.isHidden,
    write: (bytes, isReplay, parsed) => {
      this.#writes.push({ text: `${new TextDecoder().decode(bytes)}${isReplay ? "*" : ""}`, parsed });
    },
  });

  draw(text: string, isReplay = false): void {
    const drawn = () => this.parsed.push(`drawn ${text}`);
    this.queue.draw({ bytes: new TextEncoder().encode(text), isReplay, drawn });
  }

  tick(): void {
    const write = this.#writes.shift();
    if (write === undefined) return;
    this.parsed.push(write.text);
    write.parsed();
  }
}

describe("a page that is looked at", () => {
  it("gives each piece to the emulator and reports it once it is drawn", () => {
    const emulator = new SlowEmulator();
    emulator.draw("a", true);
    emulator.draw("b");
    expect(emulator.parsed).toEqual([]);
    emulator.tick();
    emulator.tick();
    expect(emulator.parsed).toEqual(["a*", "drawn a", "b", "drawn b"]);
  });

  it("acts between what came before and what comes after", () => {
    const emulator = new SlowEmulator();
    emulator.draw("a");
    emulator.queue.between(() => emulator.parsed.push("resized"));
    emulator.draw("b");
    for (let tick = 0; tick < 3; tick += 1) emulator.tick();
    expect(emulator.parsed).toEqual(["a", "drawn a", "*", "resized", "b", "drawn b"]);
  });
});

describe("a hidden page", () => {
  it("counts output as drawn when it comes, and draws what has gathered in one go", () => {
    const emulator = new SlowEmulator();
    emulator.isHidden = true;
    for (const text of ["a", "b", "c"]) emulator.draw(text);
    expect(emulator.parsed).toEqual(["drawn a", "drawn b", "drawn c"]);
    emulator.tick();
    emulator.tick();
    expect(emulator.parsed.slice(3)).toEqual(["a", "bc"]);
  });

  it("keeps replay, news and changes of size apart and in order, also when it is looked at again", () => {
    const emulator = new SlowEmulator();
    emulator.isHidden = true;
    emulator.draw("a");
    emulator.draw("r", true);
    emulator.draw("b");
    emulator.queue.between(() => emulator.parsed.push("resized"));
    emulator.draw("c");
    emulator.isHidden = false;
    emulator.draw("d");
    emulator.parsed.length = 0;
    for (let tick = 0; tick < 8; tick += 1) emulator.tick();
    expect(emulator.parsed).toEqual(["a", "r*", "b", "*", "resized", "cd", "drawn d"]);
  });

  it("holds a program back once too much waits to be drawn", () => {
    const emulator = new SlowEmulator();
    emulator.isHidden = true;
    let drawn = 0;
    const piece = { bytes: new Uint8Array(UNDRAWN_BYTES_MAX / 2), isReplay: false, drawn: () => (drawn += 1) };
    for (let count = 0; count < 3; count += 1) emulator.queue.draw(piece);
    expect(drawn).toBe(2);
    emulator.tick();
    emulator.tick();
    expect(drawn).toBe(3);
  });
});
