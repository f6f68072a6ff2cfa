// Measures how long a keystroke takes to come back: browser socket -> edge -> daemon -> agent -> PTY and back.

import { setTimeout as delay } from "node:timers/promises";
import { TestClient } from "../test/support/test-client.ts";
import { TestUser } from "../test/support/test-user.ts";

const READY_MS = 30_000;
const ECHO_MS = 5_000;
/** People do not type faster. */
const PAUSE_MS = 30;
/** A line that is longer wraps, and the shell draws it anew. */
const LINE_CHARS = 40;

export async function measureEcho(address: string, keystrokes: number): Promise<number[]> {
  const user = await TestUser.signIn(address, "echo");
  const { session } = await user.openSession("first-image");
  const client = new TestClient(user, session.id);
  const terminal = await client.open(0, READY_MS);
  client.type(terminal, "cat > /dev/null\n");
  await client.waitForOutput(terminal, /null\r\n/, READY_MS);
  const samples: number[] = [];
  for (let index = 0; index < keystrokes; index++) {
    const seen = terminal.offset;
    const startedAt = performance.now();
    client.type(terminal, (index + 1) % LINE_CHARS === 0 ? "\n" : "x");
    await client.waitFor(() => terminal.offset > seen, ECHO_MS, "an echo");
    samples.push(performance.now() - startedAt);
    await delay(PAUSE_MS);
  }
  client.leave();
  await user.endSession(session.id);
  return samples;
}
