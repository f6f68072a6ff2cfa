// Decides which container has taken so many of the machine's pseudo-terminals that others may go without. Pure.

export interface TerminalHolder {
  container: string;
  /** Masters among its processes' open files, estimated from a sample. */
  terminals: number;
  /** What the kernel has charged it for its own structures. */
  kernelBytes: number;
}

/** Somebody is to blame from here on; the other half is what starting again needs. */
const SHORT_SHARE = 0.5;
/** Whoever has this much of what is taken is the one. */
const HOG_SHARE = 0.25;
/** What the kernel charges for one, its master's open file aside (6.18). */
const CHARGED_BYTES = 3_584;

/** Page tables, stacks and tables of one small process (6.18: 94 KiB), which cgroup v1 counts in the same number. */
const PROCESS_BYTES = 96 * 1024;

/** What of a v1 cgroup's kernel memory may be terminals: many processes alone are no sign of them. */
export function withoutProcesses(kernelBytes: number, processes: number): number {
  return Math.max(0, kernelBytes - processes * PROCESS_BYTES);
}

export function areTerminalsShort(taken: number, most: number): boolean {
  return taken > most * SHORT_SHARE;
}

/** The one with most open masters, where that explains something. */
export function findOpenHog(taken: number, holders: readonly TerminalHolder[]): string | null {
  const open = most(holders, ({ terminals }) => terminals);
  return open !== null && open.terminals >= taken * HOG_SHARE ? open.container : null;
}

/** Where nobody has them open they are hidden (sent to a socket, say, and closed): the one that the kernel charges most, where that is enough for so many. */
export function findChargedHog(taken: number, holders: readonly TerminalHolder[]): string | null {
  const charged = most(holders, ({ kernelBytes }) => kernelBytes);
  return charged !== null && charged.kernelBytes >= taken * HOG_SHARE * CHARGED_BYTES ? charged.container : null;
}

function most(holders: readonly TerminalHolder[], of: (holder: TerminalHolder) => number): TerminalHolder | null {
  return holders.reduce<TerminalHolder | null>((top, one) => (top === null || of(one) > of(top) ? one : top), null);
}
