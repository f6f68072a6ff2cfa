// `npm run bench`: starts the product as users do, measures it from outside, prints a table and writes JSON. How: README.md.

import { mkdir, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import prepareMachine from "../test/support/prepare-machine.ts";
import { measureIdleSessions } from "./idle.ts";
import { measurePause } from "./pause.ts";
import { CHALLENGE, measureRunning } from "./running.ts";
import { measureFreshStart, measureSecondStarts } from "./starts.ts";
import { type Figure, printTable, summarise } from "./statistics.ts";

const PARTS = [
  "prompt",
  "echo",
  "throughput",
  "flood",
  "billing",
  "memory",
  "idle",
  "pause",
  "second-starts",
  "fresh-start",
] as const;
type Part = (typeof PARTS)[number];

/** `--only echo,flood` measures just these. */
function readParts(): ReadonlySet<Part> {
  const { values } = parseArgs({ options: { only: { type: "string" }, without: { type: "string" } } });
  const named = (list: string | undefined): string[] => list?.split(",") ?? [];
  for (const name of [...named(values.only), ...named(values.without)]) {
    if (!PARTS.some((part) => part === name)) throw new Error(`there is no part ${name} among ${PARTS.join(", ")}`);
  }
  const only = values.only === undefined ? PARTS : PARTS.filter((part) => named(values.only).includes(part));
  return new Set(only.filter((part) => !named(values.without).includes(part)));
}

const parts = readParts();
await prepareMachine();
const figures: Figure[] = await measureRunning(parts);
if (parts.has("idle")) figures.push(...(await measureIdleSessions(CHALLENGE)));
if (parts.has("pause")) figures.push(...(await measurePause(CHALLENGE)));
if (parts.has("second-starts")) figures.push(await measureSecondStarts());
if (parts.has("fresh-start")) figures.push(await measureFreshStart());
printTable(figures);
await mkdir("dist", { recursive: true });
await writeFile("dist/bench.json", `${JSON.stringify(figures.map(summarise), null, 2)}\n`);
console.log("\nWritten to dist/bench.json. bench/README.md says how each was measured.");
