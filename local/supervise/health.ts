// Waits until an HTTP server answers, by asking it.

import { setTimeout as delay } from "node:timers/promises";

const POLL_MS = 25;
const ANSWER_MS = 2_000;

export interface HealthCheck {
  readonly url: string;
  /** Which statuses mean that it serves. */
  readonly accepts: (status: number) => boolean;
}

/** True once it answered; false when the signal came first. */
export async function waitForHealth({ url, accepts }: HealthCheck, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    if (accepts(await askStatus(url, signal))) return true;
    await delay(POLL_MS);
  }
  return false;
}

/** 0 when nothing answered. */
async function askStatus(url: string, signal: AbortSignal): Promise<number> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]) });
    await answer.body?.cancel();
    return answer.status;
  } catch {
    // Not up yet, which is what is being found out.
    return 0;
  }
}
