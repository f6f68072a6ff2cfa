// Owns locks between processes of one machine: each is an abstract socket, which the kernel frees however its holder ends.

import { createServer, type Server } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

export interface KernelLock {
  release(): Promise<void>;
}

const POLL_MS = 50;

/** Null when another holds it. */
export async function takeKernelLock(name: string): Promise<KernelLock | null> {
  const server = createServer((socket) => socket.destroy());
  if (!(await listen(server, `\0${name}`))) return null;
  server.unref();
  return { release: () => new Promise((resolve) => server.close(() => resolve())) };
}

export async function waitForKernelLock(name: string): Promise<KernelLock> {
  for (;;) {
    const lock = await takeKernelLock(name);
    if (lock !== null) return lock;
    await delay(POLL_MS);
  }
}

function listen(server: Server, path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      if ("code" in error && error.code === "EADDRINUSE") resolve(false);
      else reject(error);
    });
    server.listen({ path }, () => resolve(true));
  });
}
