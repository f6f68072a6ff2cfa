// Turns keep the order of one name and do not hold up another.

import { describe, expect, it } from "vitest";
import { Turns } from "../../../runner-host/engine/turns.ts";

describe("Turns", () => {
  it("serve one name in order, also after a failure", async () => {
    const turns = new Turns();
    const log: string[] = [];
    const gate = Promise.withResolvers<void>();
    const first = turns.take("a", async () => {
      await gate.promise;
      log.push("first");
      throw new Error("broken");
    });
    const second = turns.take("a", async () => log.push("second"));
    gate.resolve();
    await expect(first).rejects.toThrow("broken");
    await second;
    expect(log).toEqual(["first", "second"]);
  });

  it("do not hold up other names", async () => {
    const turns = new Turns();
    const gate = Promise.withResolvers<void>();
    const slow = turns.take("a", () => gate.promise);
    expect(await turns.take("b", async () => "quick")).toBe("quick");
    gate.resolve();
    await slow;
  });
});
