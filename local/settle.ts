// Waits for pieces of work that run beside each other, so that none is still running when a failure is dealt with.

import { StartRefusal } from "./start-refusal.ts";

/** Resolves when all are done. On the first failure `onFailure` is called, so that the others can be cut short; then the failure that says most is thrown. */
export async function settle(work: readonly Promise<unknown>[], onFailure: () => void): Promise<void> {
  const outcomes = await Promise.allSettled(
    work.map((piece) =>
      piece.catch((error: unknown) => {
        onFailure();
        throw error;
      }),
    ),
  );
  const reasons = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason as unknown] : []));
  if (reasons.length > 0) throw reasons.find((reason) => reason instanceof StartRefusal) ?? reasons[0];
}
