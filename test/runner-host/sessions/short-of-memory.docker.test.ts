// On real containers with little memory between them: the idle one rests, the greedy one's programs are ended, and nothing of the host is.

import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PATIENCE } from "../../../runner-host/sessions/patience.ts";
import type { StandInSession } from "../../support/stand-in-session.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { DockerHost } from "./docker-host.ts";

const MiB = 1024 * 1024;
const TOGETHER_BYTES = 384 * MiB;
const START_MS = 30_000;
const WITHIN_MS = 30_000;
const USED_EVERY_MS = 200;
/** Of what all may hold: beyond where rest begins, short of where the kernel ends programs. */
const HELD_SHARE = 0.93;
/** Takes so much at once, and all that it can get when it is told to go on. */
const growing = (mebibytes: number): string =>
  `import sys; held = b"x" * (${mebibytes} << 20)\nwhile sys.stdin.readline() != "go\\n": pass\nmore = [b"x" * (8 << 20) for _ in range(1000)]`;

const NEVER = 0;
let host: DockerHost;

beforeAll(async () => {
  const patience = { ...PATIENCE, rest: { lookEveryMs: 100, presentMs: 1_000 } };
  host = await DockerHost.start(NEVER, { patience, sessionsMemoryBytes: TOGETHER_BYTES });
});

afterAll(() => host.close());

function noticesOf(held: StandInSession): string[] {
  return held.said.flatMap((message) => (message.type === "notice" ? [message.notice.code] : []));
}

async function isRunning(held: StandInSession): Promise<boolean> {
  return (await host.engine.listContainers()).some((one) => one.session === held.session && one.isRunning);
}

test("page cache makes nobody rest; memory that is held does, and what goes beyond it ends in its own container", async () => {
  const idle = await host.openSession();
  idle.held.type(1, "echo mine > /workspace/work; echo wri''tten\n");
  await waitUntil(() => idle.terminal.text.includes("written"), WITHIN_MS, "the idle session's file");
  const greedy = await host.openSession();
  const type = (text: string): void => greedy.held.type(1, text);

  type("head -c 600M /dev/zero > /workspace/big; cat /workspace/big > /dev/null; echo ca''ched\n");
  await waitUntil(() => greedy.terminal.text.includes("cached"), WITHIN_MS, "a page cache larger than all memory");
  // Pages on their way to the disk are held until they are there.
  const holdsLittle = async (): Promise<boolean> =>
    (await host.engine.shared.readMemory()).heldBytes < TOGETHER_BYTES / 2;
  await waitUntil(holdsLittle, WITHIN_MS, "a page cache that nobody holds");
  expect(noticesOf(idle.held)).toEqual([]);

  const using = setInterval(() => greedy.held.type(1, "\n"), USED_EVERY_MS);
  const { heldBytes } = await host.engine.shared.readMemory();
  const mebibytes = Math.floor((TOGETHER_BYTES * HELD_SHARE - heldBytes) / MiB);
  const program = Buffer.from(growing(mebibytes)).toString("base64");
  type(`echo ${program} | base64 -d > /tmp/grow.py; python3 /tmp/grow.py; echo en''ded\n`);
  await waitUntil(() => noticesOf(idle.held).includes("put_to_rest"), WITHIN_MS, "the idle session's rest");
  expect(await isRunning(idle.held)).toBe(false);
  expect(greedy.terminal.text).not.toContain("ended");
  type("go\n");
  await waitUntil(() => greedy.terminal.text.includes("ended"), WITHIN_MS, "the end of the greedy program");
  clearInterval(using);
  expect(await isRunning(greedy.held)).toBe(true);
  expect(greedy.terminal.instances).toHaveLength(1);
  expect(await readFile(`/proc/${host.machine.engine.pid}/comm`, "utf8")).toBe("dockerd\n");

  idle.held.type(1, "x");
  await waitUntil(() => idle.terminal.instances.length === 2 && idle.terminal.isOpen, START_MS, "a new terminal");
  idle.held.type(1, "cat /workspace/work\n");
  await waitUntil(() => /mine\r$/m.test(idle.terminal.text), WITHIN_MS, "the file that was there before");
});
