// Takes the agent's place in tests of engines: dials the same socket and runs the shell commands that a test sends, one JSON line each.

import { execFile } from "node:child_process";
import { connect } from "node:net";
import { createInterface } from "node:readline";

const RETRY_MS = 50;

function dial() {
  const socket = connect(process.env.BERTH_AGENT_SOCKET);
  socket.on("error", () => undefined);
  socket.on("close", () => setTimeout(dial, RETRY_MS));
  const lines = createInterface({ input: socket });
  lines.on("error", () => undefined);
  lines.on("line", (line) => {
    const { command, timeoutMs } = JSON.parse(line);
    execFile("/bin/bash", ["-c", command], { timeout: timeoutMs, cwd: process.cwd() }, (error, stdout, stderr) => {
      socket.write(`${JSON.stringify({ exitCode: error ? (error.code ?? 1) : 0, stdout, stderr })}\n`);
    });
  });
  socket.on("connect", () => socket.write(`${JSON.stringify({ pid: process.pid })}\n`));
}

dial();
