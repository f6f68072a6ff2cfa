// Echo: from a key sent to its echo received, Berth and the peer turn by turn; alone, and beside a terminal that floods.

import { type ByteLine, quieten, timeKey } from "./byte-line.ts";
import type { Figure } from "./statistics.ts";

/** The first keys meet code that no engine has compiled yet: they are a figure of their own. */
const FIRST_SAMPLES = 50;
const WARM_UP = 400;
const SAMPLES = 500;
const FLOOD_ROUNDS = 6;
const FLOOD_SAMPLES = 50;
/** A flood is measured once it has filled every window and queue there is. */
const FLOOD_LEAD_BYTES = 8 * 1024 * 1024;
const FLOOD = "yes 'a line of output that is as long as lines of output are, give or take some'";

/** Two lines of either side: the second is quiet, the first may flood. */
export type Side = { readonly name: string; readonly flood: ByteLine; readonly quiet: ByteLine };

function keyOf(round: number): string {
  return String.fromCharCode(97 + (round % 26));
}

/** Both sides by turns, which goes first by turns too. */
function inTurn(sides: readonly Side[], round: number): readonly Side[] {
  return round % 2 === 0 ? sides : sides.toReversed();
}

export async function measureEcho(sides: readonly Side[]): Promise<Figure[]> {
  const samples = new Map(sides.map(({ name }) => [name, [] as number[]]));
  for (const { quiet } of sides) await quieten(quiet);
  for (let round = 0; round < WARM_UP + SAMPLES; round++) {
    for (const { name, quiet } of inTurn(sides, round)) samples.get(name)?.push(await timeKey(quiet, keyOf(round)));
  }
  const figures = [...samples];
  return [
    ...figures.map(([name, taken]) => ({ name: `echo of a key, ${name}`, unit: "ms", samples: taken.slice(WARM_UP) })),
    ...figures.map(([name, taken]) => ({
      name: `echo of the first ${FIRST_SAMPLES} keys, ${name}`,
      unit: "ms",
      samples: taken.slice(0, FIRST_SAMPLES),
    })),
  ];
}

/** After `measureEcho`, whose quiet lines it goes on with. */
export async function measureEchoBesideFlood(sides: readonly Side[]): Promise<Figure[]> {
  const samples = new Map(sides.map(({ name }) => [name, [] as number[]]));
  for (let round = 0; round < FLOOD_ROUNDS; round++) {
    for (const { name, flood, quiet } of inTurn(sides, round)) {
      const stop = await startFlood(flood);
      for (let key = 0; key < FLOOD_SAMPLES; key++) samples.get(name)?.push(await timeKey(quiet, keyOf(key)));
      await stop();
    }
  }
  return [...samples].map(([name, taken]) => ({
    name: `echo beside a flooding terminal, ${name}`,
    unit: "ms",
    samples: taken,
  }));
}

async function startFlood(line: ByteLine): Promise<() => Promise<void>> {
  const from = line.receivedBytes;
  line.type(`${FLOOD}\r`);
  while (line.receivedBytes < from + FLOOD_LEAD_BYTES) await line.expect(/\n/);
  return async () => {
    const isOver = line.expect(/flood-over\r\n/);
    line.type("\u0003");
    line.type("printf 'flood-%s\\n' over\r");
    await isOver;
  };
}
