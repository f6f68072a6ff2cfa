// Reads how much memory all sessions of a host hold together, from the texts of the kernel's files; pure, of both kinds of hierarchy.

/** In bytes. Page cache that the kernel takes back when it needs it is held by nobody. */
export interface SessionsMemory {
  heldBytes: number;
  limitBytes: number;
  /** Of the whole machine: what it has, and what programs could still have of it. */
  machineBytes: number;
  availableBytes: number;
}

/** Files of the parent cgroup; memory-backed files are not among what `stat` calls file. */
export interface MemoryTexts {
  usage: string;
  limit: string;
  stat: string;
  /** /proc/meminfo */
  machine: string;
}

export const MEMORY_FILES = {
  separate: { usage: "memory.usage_in_bytes", limit: "memory.limit_in_bytes", stat: "memory.stat" },
  unified: { usage: "memory.current", limit: "memory.max", stat: "memory.stat" },
} as const;

const RECLAIMABLE = {
  // The totals count the containers below, the plain fields only the parent's own pages.
  separate: ["total_inactive_file", "total_active_file"],
  unified: ["inactive_file", "active_file", "slab_reclaimable"],
} as const;

const KiB = 1024;

export function parseSessionsMemory(texts: MemoryTexts, kind: keyof typeof MEMORY_FILES): SessionsMemory {
  const machineBytes = readField(texts.machine, "MemTotal:") * KiB;
  const reclaimable = RECLAIMABLE[kind].reduce((sum, name) => sum + readField(texts.stat, name), 0);
  const limit = Number(texts.limit.trim());
  return {
    heldBytes: Math.max(0, Number(texts.usage.trim()) - reclaimable),
    // "max", or a number beyond the machine: no limit of its own.
    limitBytes: Number.isFinite(limit) ? Math.min(limit, machineBytes) : machineBytes,
    machineBytes,
    availableBytes: readField(texts.machine, "MemAvailable:") * KiB,
  };
}

function readField(text: string, name: string): number {
  for (const line of text.split("\n")) {
    const [field, value] = line.split(/\s+/);
    if (field === name) return Number(value);
  }
  return 0;
}
