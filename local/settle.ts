// Waits for pieces of work that run beside each other, so that none is still running when a failure is dealt with.

/** Resolves when all are done. On the first failure `onFailure` is called, so that the others can be cut short; then that failure is thrown. */
export async function settle(work: readonly Promise<unknown>[], onFailure: () => void): Promise<void> {
  let first: { reason: unknown } | null = null;
  await Promise.allSettled(
    work.map((piece) =>
      piece.catch((reason: unknown) => {
        if (first !== null) return;
        first = { reason };
        onFailure();
      }),
    ),
  );
  throwIfAny(first);
}

function throwIfAny(failure: { reason: unknown } | null): void {
  if (failure !== null) throw failure.reason;
}
