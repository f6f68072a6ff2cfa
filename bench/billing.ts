// What typing and output cost at the edge: frames that the learner's object receives, from browser and host.

import { setTimeout as delay } from "node:timers/promises";
import { timeKey } from "./byte-line.ts";
import type { Side } from "./echo.ts";
import type { Account, EdgeAccount } from "./edge-account.ts";
import type { Figure } from "./statistics.ts";
import { printOutput } from "./throughput.ts";

const KEYS = 100;
/** A quick typist's pause. */
const KEY_EVERY_MS = 50;
/** Twenty received WebSocket messages are billed as one request. */
const FRAMES_PER_REQUEST = 20;

/** With a quiet terminal and the written file of the parts before. */
export async function measureBilling(account: EdgeAccount, { flood, quiet }: Side): Promise<Figure[]> {
  const typing = await account.during(async () => {
    for (let key = 0; key < KEYS; key++) {
      await timeKey(quiet, String.fromCharCode(97 + (key % 26)));
      await delay(KEY_EVERY_MS);
    }
  });
  const from = flood.receivedBytes;
  const printing = await account.during(async () => {
    await printOutput(flood);
  });
  return [
    ...figuresOf("typed key", typing, KEYS),
    ...figuresOf("MB of output", printing, (flood.receivedBytes - from) / 1_000_000),
  ];
}

function figuresOf(unit: string, { browser, data }: Account, count: number): Figure[] {
  const per = (name: string, total: number): Figure => ({
    name: `${name} per ${unit}`,
    unit: "",
    samples: [total / count],
  });
  return [
    per("frames from the browser", browser.frames),
    per("bytes from the browser", browser.bytes),
    per("frames from the host", data.frames),
    per("bytes from the host", data.bytes),
    per("billed requests", (browser.frames + data.frames) / FRAMES_PER_REQUEST),
  ];
}
