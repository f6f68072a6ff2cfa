// `npm run bench`: starts the product as users do, measures it from outside, prints a table and writes JSON.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import prepareMachine from "../test/support/prepare-machine.ts";
import { Stack, stackDataDir } from "../test/support/stack.ts";
import { TestUser } from "../test/support/test-user.ts";
import { measureEcho } from "./echo.ts";
import { measureFirstPrompt } from "./first-prompt.ts";
import { type Figure, printTable, summarise } from "./statistics.ts";

const CHALLENGE = "first-image";
const SECOND_STARTS = 5;
const NAME = "bench";

async function measureFreshStart(): Promise<Figure> {
  const images = await mkdtemp(join(tmpdir(), "berth-bench-images-"));
  try {
    await rm(stackDataDir("bench-fresh"), { recursive: true, force: true });
    const stack = await Stack.start({ name: "bench-fresh", environment: { BERTH_IMAGES_DIR: images } });
    await stop(stack);
    return { name: "fresh start (packages installed, no image built)", unit: "s", samples: [stack.startMs / 1000] };
  } finally {
    await rm(images, { recursive: true, force: true });
    await rm(stackDataDir("bench-fresh"), { recursive: true, force: true });
  }
}

async function measureSecondStarts(): Promise<Figure> {
  const samples: number[] = [];
  for (let round = 0; round < SECOND_STARTS; round++) {
    const stack = await Stack.start({ name: NAME, keepsState: true });
    samples.push(stack.startMs / 1000);
    await stop(stack);
  }
  return { name: "second start", unit: "s", samples };
}

async function stop(stack: Stack): Promise<void> {
  const left = await stack.stop();
  if (left.length > 0) throw new Error(`the stack left something behind:\n${left.join("\n")}`);
}

async function measureRunning(): Promise<Figure[]> {
  const stack = await Stack.start({ name: NAME });
  try {
    const firstPrompt = await measureFirstPrompt(stack.address, CHALLENGE);
    const user = await TestUser.signIn(stack.address, "bench-echo");
    const { session } = await user.openSession(CHALLENGE, { prefer: "wait=30" });
    const echo = await measureEcho(user, session.id, join(stack.dataDir, "engine"));
    await user.endSession(session.id);
    return [firstPrompt, ...echo];
  } finally {
    await stop(stack);
  }
}

const { values } = parseArgs({ options: { "without-fresh-start": { type: "boolean", default: false } } });
await prepareMachine();
const figures = [...(await measureRunning()), await measureSecondStarts()];
if (!values["without-fresh-start"]) figures.push(await measureFreshStart());
printTable(figures);
await mkdir("dist", { recursive: true });
await writeFile("dist/bench.json", `${JSON.stringify(figures.map(summarise), null, 2)}\n`);
console.log(
  "\nWritten to dist/bench.json. Echo: one key at a time, Berth and the peer in turn, in the same container.",
);
