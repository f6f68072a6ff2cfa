// Writes one structured line per fault or warning to the platform's log.

/** `what` names the thing that failed; `about` carries identifiers only, never tokens or bodies. */
export function logFault(what: string, error: unknown, about: Readonly<Record<string, string | number>> = {}): void {
  console.error(JSON.stringify({ level: "error", what, ...about, error: describe(error) }));
}

/** Something outside of Berth is not as it should be, and is made up for. */
export function logWarning(what: string, about: Readonly<Record<string, string | number>>): void {
  console.warn(JSON.stringify({ level: "warn", what, ...about }));
}

function describe(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error);
  const { name, message, stack, cause } = error;
  return {
    name,
    message,
    stack,
    ...(cause === undefined ? {} : { cause: cause instanceof Error ? cause.message : String(cause) }),
  };
}
