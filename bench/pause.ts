// How soon a paused session answers: from a key, sent while its processes are frozen, until its echo.

import { Stack } from "../test/support/stack.ts";
import { TestUser } from "../test/support/test-user.ts";
import { waitUntil } from "../test/support/wait-until.ts";
import { BerthSocket } from "./berth-socket.ts";
import { timeKey } from "./byte-line.ts";
import { BENCH_STACK, stopStack } from "./starts.ts";
import type { Figure } from "./statistics.ts";

const SAMPLES = 30;
/** A minute for each key would tell no more. */
const PAUSE_AFTER_MS = 1_000;
const PAUSED_WITHIN_MS = 30_000;

export async function measurePause(challenge: string): Promise<Figure[]> {
  const stack = await Stack.start({
    name: BENCH_STACK,
    environment: { BERTH_PAUSE_AFTER_MS: String(PAUSE_AFTER_MS) },
  });
  try {
    const user = await TestUser.signIn(stack.address, "bench-pause");
    const { session } = await user.openSession(challenge, { prefer: "wait=30" });
    const socket = new BerthSocket(user, session.id);
    const line = await socket.open(0);
    const samples: number[] = [];
    const awake: number[] = [];
    for (let round = 0; round < SAMPLES; round++) {
      await waitUntil(async () => (await countPaused(stack)) === 1, PAUSED_WITHIN_MS, "the pause");
      samples.push(await timeKey(line, "q"));
      awake.push(await timeKey(line, "q"));
    }
    await socket.close();
    await user.endSession(session.id);
    return [
      { name: "pause -> echo", unit: "ms", samples },
      { name: "echo of the key after it", unit: "ms", samples: awake },
    ];
  } finally {
    await stopStack(stack);
  }
}

async function countPaused(stack: Stack): Promise<number> {
  const host = /metrics are at (http:\S+)\/healthz/.exec(stack.said)?.[1];
  const text = await (await fetch(`${host}/metrics`)).text();
  return Number(/^berth_host_sessions_paused (\d+)$/m.exec(text)?.[1]);
}
