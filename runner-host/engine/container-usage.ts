// Reads the kernel's counters of one container from the texts of its cgroup's files; pure, of both kinds of hierarchy.

/** What a container has used and run into since it was started: the kernel's word, which nobody inside can change. */
export interface ContainerUsage {
  memoryBytes: number;
  /** Programs that were ended because the memory was full. */
  oomKills: number;
  /** Processes that were not started because there were too many. */
  pidsRefused: number;
  cpuMs: number;
  /** Scheduling periods (100 ms each) in which the container used all the processor it may. */
  throttledPeriods: number;
  disk: DiskUsage;
}

/** Of the session's disk, as whoever is in the container finds it. */
export interface DiskUsage {
  sizeBytes: number;
  freeBytes: number;
  inodes: number;
  freeInodes: number;
}

export type KernelCounters = Omit<ContainerUsage, "disk">;

/** One of the files that a counter stands in: the controller (a folder of its own where hierarchies are separate) and its name. */
export type CounterFile = readonly [controller: string, name: string];

interface CounterLayout {
  files: readonly CounterFile[];
  /** `texts` in the order of `files`. */
  parse(texts: readonly string[]): KernelCounters;
}

/** cgroup v1: a hierarchy for each controller; times in nanoseconds. */
export const separateCounters: CounterLayout = {
  files: [
    ["memory", "memory.usage_in_bytes"],
    ["memory", "memory.oom_control"],
    ["pids", "pids.events"],
    ["cpuacct", "cpuacct.usage"],
    ["cpu", "cpu.stat"],
  ],
  parse([memory = "", oom = "", pids = "", cpu = "", cpuStat = ""]) {
    return {
      memoryBytes: readNumber(memory),
      oomKills: readField(oom, "oom_kill"),
      pidsRefused: readField(pids, "max"),
      cpuMs: readNumber(cpu) / 1e6,
      throttledPeriods: readField(cpuStat, "nr_throttled"),
    };
  },
};

/** cgroup v2: one hierarchy; times in microseconds. */
export const unifiedCounters: CounterLayout = {
  files: [
    ["memory", "memory.current"],
    ["memory", "memory.events"],
    ["pids", "pids.events"],
    ["cpu", "cpu.stat"],
  ],
  parse([memory = "", events = "", pids = "", cpuStat = ""]) {
    return {
      memoryBytes: readNumber(memory),
      oomKills: readField(events, "oom_kill"),
      pidsRefused: readField(pids, "max"),
      cpuMs: readField(cpuStat, "usage_usec") / 1_000,
      throttledPeriods: readField(cpuStat, "nr_throttled"),
    };
  },
};

/** A counter that this kernel does not have has counted nothing. */
function readField(text: string, name: string): number {
  const line = text.split("\n").find((one) => one.startsWith(`${name} `));
  return line === undefined ? 0 : readNumber(line.slice(name.length + 1));
}

function readNumber(text: string): number {
  const value = Number(text.trim());
  if (text.trim() === "" || !Number.isFinite(value)) throw new Error(`the kernel's counter is no number: ${text}`);
  return value;
}
