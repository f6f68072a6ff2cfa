// The libSQL server as a process: flags --file and --port, the token in BERTH_LIBSQL_TOKEN, one JSON line when ready, SIGTERM to end.

import { parseArgs } from "node:util";
import { startLibsqlServer } from "./server.ts";

const USAGE = "usage: BERTH_LIBSQL_TOKEN=<token> node local/libsql-server/main.ts --file <path> --port <number>";

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { file: { type: "string" }, port: { type: "string" } } });
  const port = Number(values.port);
  const authToken = process.env.BERTH_LIBSQL_TOKEN ?? "";
  if (values.file === undefined || !/^\d{1,5}$/.test(values.port ?? "") || port > 65_535 || authToken === "") {
    throw new Error(USAGE);
  }
  const server = await startLibsqlServer({ file: values.file, port, host: "127.0.0.1", authToken });
  const stop = (): void => {
    server.close().then(() => process.exit(0), fail);
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
  process.stdout.write(`${JSON.stringify({ listening: server.url })}\n`);
}

function fail(error: unknown): void {
  process.stderr.write(`${describe(error)}\n`);
  process.exit(1);
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ("code" in error && error.code === "EADDRINUSE") {
    return `${error.message}: end what listens there or choose another --port`;
  }
  return `The libSQL server failed: ${error.message}`;
}

main().catch(fail);
