// What every lab may use (design.md section 6): the host enforces it, and the page says it.

const GiB = 1024 ** 3;

export const labLimits = {
  /** Everything in the container together, its nested Docker included; there is no swap beside it. */
  memoryBytes: 1.5 * GiB,
  cpus: 1,
  /** Room for a nested build with parallel steps; a fork bomb ends here. */
  pids: 512,
  /** Everything that a learner can write to a disk: workspace, home, /tmp, the rest of the container's tree and the nested Docker. */
  diskBytes: 2 * GiB,
} as const;

/** One sentence for the learner. */
export function describeLabLimits({ memoryBytes, cpus, pids, diskBytes }: typeof labLimits = labLimits): string {
  return `Your lab has ${memoryBytes / GiB} GiB of memory, ${cpus} processor${cpus === 1 ? "" : "s"}, ${pids} processes and ${diskBytes / GiB} GiB of disk, and no network.`;
}
