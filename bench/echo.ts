// Echo: from a key sent to its echo received, Berth and the peer in the same container, turn by turn.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { Docker } from "../runner-host/engine/docker.ts";
import { hostLayout } from "../runner-host/engine/host-layout.ts";
import type { TestUser } from "../test/support/test-user.ts";
import { type ByteLine, openBerthLine, openPeerLine } from "./byte-line.ts";
import type { Figure } from "./statistics.ts";

const WARM_UP = 50;
const SAMPLES = 500;

async function startPeer(engineDirectory: string, session: string): Promise<{ address: string; stop(): void }> {
  const { engineSocket } = hostLayout(engineDirectory);
  const containers = await new Docker(engineSocket).listContainers("berth.session");
  const container = containers.find(({ labels }) => labels["berth.session"] === session);
  if (container === undefined) throw new Error("the session has a container");
  const script = fileURLToPath(new URL("peer-server.ts", import.meta.url));
  const child = spawn(process.execPath, [script, engineSocket, container.containerId], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  return { address: z.object({ listening: z.string() }).parse(JSON.parse(line)).listening, stop: () => child.kill() };
}

/** The terminal's line discipline echoes each key by itself; `cat` keeps the shell's line editor out of it. */
async function quieten(line: ByteLine): Promise<void> {
  const isReady = line.expect(/echo-ready\r\n/);
  line.type("stty -icanon min 1; printf 'echo-%s\\n' ready; exec cat > /dev/null\r");
  await isReady;
}

async function timeKey(line: ByteLine, key: string): Promise<number> {
  const echoed = line.expect(new RegExp(key));
  const startedAt = performance.now();
  line.type(key);
  await echoed;
  return performance.now() - startedAt;
}

/** `engineDirectory` is where the stack keeps its engine. */
export async function measureEcho(user: TestUser, session: string, engineDirectory: string): Promise<Figure[]> {
  const peer = await startPeer(engineDirectory, session);
  const lines = [await openBerthLine(user, session), await openPeerLine(peer.address)] as const;
  const samples: [number[], number[]] = [[], []];
  try {
    for (const line of lines) await quieten(line);
    for (let round = 0; round < WARM_UP + SAMPLES; round++) {
      const key = String.fromCharCode(97 + (round % 26));
      for (const which of round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
        const took = await timeKey(lines[which], key);
        if (round >= WARM_UP) samples[which].push(took);
      }
    }
  } finally {
    for (const line of lines) line.close();
    peer.stop();
  }
  return [
    { name: "echo of a key, Berth", unit: "ms", samples: samples[0] },
    { name: "echo of a key, peer (ws + docker exec)", unit: "ms", samples: samples[1] },
  ];
}
