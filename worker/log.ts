// Writes one structured line per fault to the platform's log.

/** `what` names the thing that failed; `about` carries identifiers only, never tokens or bodies. */
export function logFault(what: string, error: unknown, about: Readonly<Record<string, string | number>> = {}): void {
  const cause =
    error instanceof Error
      ? { name: error.name, message: error.message, stack: error.stack }
      : { message: String(error) };
  console.error(JSON.stringify({ level: "error", what, ...about, cause }));
}
