// Measures how long a learner waits: from POST /api/sessions to the first byte of the prompt, each time in a new container.

import { TestClient } from "../test/support/test-client.ts";
import { TestUser } from "../test/support/test-user.ts";

const PROMPT_MS = 30_000;

export async function measurePrompt(address: string, rounds: number): Promise<number[]> {
  const samples: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const user = await TestUser.signIn(address, `prompt-${round}`);
    const startedAt = performance.now();
    const { session } = await user.openSession("first-image");
    const client = new TestClient(user, session.id);
    const terminal = await client.open(0, PROMPT_MS);
    await client.waitForOutput(terminal, /./, PROMPT_MS);
    samples.push(performance.now() - startedAt);
    client.leave();
    await user.endSession(session.id);
  }
  return samples;
}
