// From POST /api/sessions to the first byte of the prompt, each time for a user who has no container.

import { TestUser } from "../test/support/test-user.ts";
import { openBerthLine } from "./byte-line.ts";
import type { Figure } from "./statistics.ts";

const SAMPLES = 20;

export async function measureFirstPrompt(address: string, challenge: string): Promise<Figure> {
  const samples: number[] = [];
  for (let round = 0; round < SAMPLES; round++) {
    const user = await TestUser.signIn(address, `bench-${round}`);
    const startedAt = performance.now();
    const { session } = await user.openSession(challenge);
    const line = await openBerthLine(user, session.id);
    samples.push(performance.now() - startedAt);
    line.close();
    await user.endSession(session.id);
  }
  return { name: "POST to first prompt byte, cold container", unit: "ms", samples };
}
