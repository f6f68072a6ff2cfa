// Medians and percentiles of samples, and the table that shows them.

export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly samples: readonly number[];
}

/** The sample below which `share` (0..1) of all lie; nearest rank. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  if (value === undefined) throw new Error("a percentile needs samples");
  return value;
}

export function summarise({ name, unit, samples }: Figure): Record<string, string | number> {
  const round = (value: number): number => Number(value.toPrecision(3));
  return {
    name,
    unit,
    samples: samples.length,
    p50: round(percentile(samples, 0.5)),
    p95: round(percentile(samples, 0.95)),
  };
}

export function printTable(figures: readonly Figure[]): void {
  const rows = figures.map(summarise);
  const columns = ["name", "unit", "samples", "p50", "p95"] as const;
  const widths = columns.map((column) => Math.max(column.length, ...rows.map((row) => String(row[column]).length)));
  for (const cells of [columns, ...rows.map((row) => columns.map((column) => String(row[column])))]) {
    console.log(
      cells.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join("  "),
    );
  }
}
