// Work that runs side by side ends before its failure is dealt with.

import { expect, it } from "vitest";
import { settle } from "../../local/settle.ts";

it("waits for the rest, tells it to stop, and throws the first failure", async () => {
  const slow = Promise.withResolvers<void>();
  let isSlowOver = false;
  const rest = slow.promise.then(() => {
    isSlowOver = true;
    throw new Error("was cut short");
  });
  const outcome = settle([rest, Promise.reject(new Error("the cause"))], () => slow.resolve());
  await expect(outcome).rejects.toThrow("the cause");
  expect(isSlowOver).toBe(true);
});

it("says nothing when all went well", async () => {
  await expect(
    settle([Promise.resolve(1), Promise.resolve("two")], () => expect.unreachable()),
  ).resolves.toBeUndefined();
});
