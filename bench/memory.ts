// What an idle learner costs the edge in memory: an object with a browser's socket and a host's, by the growth of workerd.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { loadSecrets } from "../local/data-dir/secrets.ts";
import { signJoinToken } from "../local/runner.ts";
import type { Stack } from "../test/support/stack.ts";
import { TestUser } from "../test/support/test-user.ts";
import { BerthSocket } from "./berth-socket.ts";
import { HollowHost } from "./hollow-host.ts";
import type { Figure } from "./statistics.ts";

/** The first ones pay for what all share. */
const WARM_UP = 20;
const OBJECTS = 100;
/** An object without work leaves memory after ten seconds; its sockets stay. */
const ASLEEP_AFTER_MS = 20_000;

export async function measureMemory(stack: Stack, challenge: string, images: string[]): Promise<Figure[]> {
  const edge = (await stack.children())["edge"];
  if (edge === undefined) throw new Error("the stack has an edge");
  const { signingKey } = await loadSecrets(join(stack.dataDir, "secrets.json"));
  const host = await HollowHost.join(stack.address, await signJoinToken(signingKey), images);
  const sockets: BerthSocket[] = [];
  const addLearners = async (count: number): Promise<void> => {
    for (let index = 0; index < count; index++) {
      const user = await TestUser.signIn(stack.address, `bench-idle-${sockets.length}`);
      const { session } = await user.openSession(challenge);
      const socket = new BerthSocket(user, session.id);
      sockets.push(socket);
      await socket.whenReady();
    }
  };
  try {
    await addLearners(WARM_UP);
    const before = await readResidentKib(edge.pid);
    await addLearners(OBJECTS);
    const awake = await readResidentKib(edge.pid);
    await delay(ASLEEP_AFTER_MS);
    const asleep = await readResidentKib(edge.pid);
    return [
      {
        name: "edge memory per idle session with two sockets, awake",
        unit: "KiB",
        samples: [(awake - before) / OBJECTS],
      },
      {
        name: "edge memory per idle session with two sockets, asleep",
        unit: "KiB",
        samples: [(asleep - before) / OBJECTS],
      },
    ];
  } finally {
    for (const socket of sockets) await socket.close();
    host.close();
  }
}

async function readResidentKib(pid: number): Promise<number> {
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, "utf8"));
  if (found === null) throw new Error(`process ${pid} has no memory`);
  return Number(found[1]);
}
