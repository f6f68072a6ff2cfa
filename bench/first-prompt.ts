// From POST /api/sessions to the first byte of the prompt, each time for a user who has no container.

import { TestUser } from "../test/support/test-user.ts";
import { BerthSocket } from "./berth-socket.ts";
import type { Figure } from "./statistics.ts";

const SAMPLES = 20;

export async function measureFirstPrompt(address: string, challenge: string): Promise<Figure> {
  const samples: number[] = [];
  for (let round = 0; round < SAMPLES; round++) {
    const user = await TestUser.signIn(address, `bench-${round}`);
    const startedAt = performance.now();
    const { session } = await user.openSession(challenge);
    const socket = new BerthSocket(user, session.id);
    await socket.open(0);
    samples.push(performance.now() - startedAt);
    await socket.close();
    await user.endSession(session.id);
  }
  return { name: "POST to first prompt byte, cold container", unit: "ms", samples };
}
