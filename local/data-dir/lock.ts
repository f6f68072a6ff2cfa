// Owns the right to run on a data directory: held by an abstract socket, which the kernel frees however its holder ends.

import { createHash } from "node:crypto";
import { realpath } from "node:fs/promises";
import { createServer, type Server } from "node:net";

export interface DataLock {
  release(): Promise<void>;
}

/** Null when another process holds it. */
export async function lockDirectory(directory: string): Promise<DataLock | null> {
  const hash = createHash("sha256")
    .update(await realpath(directory))
    .digest("hex")
    .slice(0, 32);
  const server = createServer((socket) => socket.destroy());
  if (!(await listen(server, `\0berth-${hash}`))) return null;
  server.unref();
  return { release: () => new Promise((resolve) => server.close(() => resolve())) };
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
