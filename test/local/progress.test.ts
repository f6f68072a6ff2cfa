// What a start shows, with and without a terminal.

import { expect, it } from "vitest";
import { Progress } from "../../local/progress.ts";

function screen(isTTY: boolean) {
  const written: string[] = [];
  return { written, isTTY, columns: 60, write: (text: string) => void written.push(text) };
}

const colours = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g");

it("writes plain lines where there is no terminal", async () => {
  const out = screen(false);
  await new Progress(out, () => 0).step("edge", async (say) => {
    say("loading");
    say("loading");
    return "up";
  });
  expect(out.written.map((text) => text.replace(colours, ""))).toEqual([
    "  - edge: loading\n",
    "  ✓ edge         up\n",
  ]);
});

it("redraws running steps in place on a terminal and cuts what is too wide", async () => {
  const out = screen(true);
  await new Progress(out, () => 0).step("edge", async (say) => {
    say("x".repeat(100));
    return "up";
  });
  const [first, ...rest] = out.written;
  expect(first).toBe("  ⠋ edge\n");
  expect(rest[0]).toBe("\u001b[1A\u001b[J");
  expect(rest[1]).toHaveLength(60);
  expect(rest.at(-1)?.replace(colours, "")).toBe("  ✓ edge         up\n");
});

it("says how long a step took when one could have noticed", async () => {
  const out = screen(false);
  let now = 0;
  await new Progress(out, () => now).step("build", async () => {
    now = 4_210;
    return "done";
  });
  expect(out.written.at(-1)?.replace(colours, "")).toBe("  ✓ build        done  4.2 s\n");
});

it("marks a failed step and passes the failure on", async () => {
  const out = screen(false);
  const failing = new Progress(out, () => 0).step("engine", async () => {
    throw new Error("no kernel");
  });
  await expect(failing).rejects.toThrow("no kernel");
  expect(out.written.at(-1)?.replace(colours, "")).toBe("  ✗ engine       failed\n");
});

it.each([false, true])(
  "says nothing more of steps that were abandoned, and goes on with later ones (terminal: %s)",
  async (isTTY) => {
    const out = screen(isTTY);
    const progress = new Progress(out, () => 0);
    const cut = Promise.withResolvers<string>();
    let sayLate = (_note: string): void => undefined;
    const images = progress.step("images", (say) => {
      sayLate = say;
      return cut.promise;
    });
    progress.abandon();
    const before = out.written.length;
    sayLate("Traceback (most recent call last)");
    cut.reject(new Error("killed"));
    await expect(images).rejects.toThrow("killed");
    expect(out.written).toHaveLength(before);
    await progress.step("stop", async () => "gone");
    expect(out.written.at(-1)?.replace(colours, "")).toBe("  ✓ stop         gone\n");
  },
);
