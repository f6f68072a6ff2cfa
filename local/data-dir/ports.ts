// Owns the ports of one data directory: chosen once and kept, so that what was told an address finds it again after a restart.

import { createServer } from "node:net";
import { z } from "zod";
import { StartRefusal } from "../start-refusal.ts";
import { readJsonFile, writePrivateFile } from "./private-file.ts";

const portsSchema = z.strictObject({ libsql: z.int().min(1), runnerHost: z.int().min(1) });
export type Ports = z.infer<typeof portsSchema>;

/** The kept ports; one that somebody else took meanwhile is chosen anew. */
export async function loadPorts(path: string): Promise<Ports> {
  const parsed = portsSchema.safeParse(await readJsonFile(path));
  const kept = parsed.success ? parsed.data : null;
  const ports = { libsql: await keepOrChoose(kept?.libsql), runnerHost: await keepOrChoose(kept?.runnerHost) };
  await writePrivateFile(path, JSON.stringify(ports));
  return ports;
}

async function keepOrChoose(kept: number | undefined): Promise<number> {
  if (kept !== undefined && (await tryPort("127.0.0.1", kept)).problem === null) return kept;
  return requireFreePort("127.0.0.1", 0);
}

/** The port itself, or a free one for 0; throws StartRefusal when it cannot be listened on. */
export async function requireFreePort(host: string, port: number): Promise<number> {
  const { problem, port: found } = await tryPort(host, port);
  if (problem === null) return found;
  if (problem === "EADDRINUSE") {
    throw new StartRefusal(
      `Port ${port} on ${host} is taken: end the program that listens there, or choose another with --port.`,
    );
  }
  if (problem === "EACCES") throw new StartRefusal(`Port ${port} needs root: choose one above 1023 with --port.`);
  if (problem === "EADDRNOTAVAIL")
    throw new StartRefusal(`${host} is not an address of this machine: choose another with --host.`);
  throw new StartRefusal(`Cannot listen on ${host} port ${port} (${problem}): choose others with --host and --port.`);
}

function tryPort(host: string, port: number): Promise<{ problem: string | null; port: number }> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error) => resolve({ problem: "code" in error ? String(error.code) : error.message, port }));
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address();
      const found = typeof address === "object" && address !== null ? address.port : port;
      server.close(() => resolve({ problem: null, port: found }));
    });
  });
}
