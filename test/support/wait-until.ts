// Waits for a condition by asking again and again, with a deadline: for what happens outside of this process.

import { setTimeout as delay } from "node:timers/promises";

const POLL_MS = 20;

export async function waitUntil(
  condition: () => boolean | Promise<boolean>,
  withinMs: number,
  what = "the condition",
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`${what} did not come true within ${withinMs} ms`);
    await delay(POLL_MS);
  }
}
