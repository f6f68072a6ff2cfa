// The peer that Berth is measured beside: a Node `ws` server that runs the same shell by a dockerode exec stream in the same container.

import { once } from "node:events";
import Dockerode from "dockerode";
import { type WebSocket, WebSocketServer } from "ws";

const [, , socketPath, containerId] = process.argv;
if (socketPath === undefined || containerId === undefined)
  throw new Error("usage: peer-server.ts ENGINE_SOCKET CONTAINER");

// It ends with the bench, however that ends.
process.stdin.resume().on("end", () => process.exit());

const container = new Dockerode({ socketPath }).getContainer(containerId);
const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
async function carry(socket: WebSocket): Promise<void> {
  socket.pause();
  const exec = await container.exec({
    Cmd: ["bash", "-l"],
    User: "learner",
    WorkingDir: "/workspace",
    Env: ["TERM=xterm-256color"],
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    Tty: true,
  });
  const stream = await exec.start({ hijack: true, stdin: true, Tty: true });
  stream.on("data", (bytes: Buffer) => socket.send(bytes));
  socket.on("message", (bytes: Buffer) => stream.write(bytes));
  socket.on("close", () => stream.destroy());
  socket.resume();
}
server.on("connection", (socket) => {
  carry(socket).catch((error: unknown) => socket.close(1011, String(error).slice(0, 100)));
});
await once(server, "listening");
const address = server.address();
if (address === null || typeof address === "string") throw new Error("the peer listens on a port");
console.log(JSON.stringify({ listening: `ws://127.0.0.1:${address.port}` }));
