// The tap reads what two real ends of a WebSocket say to each other, through the proxy and in any pieces.

import { once } from "node:events";
import { afterEach, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { CutProxy } from "./cut-proxy.ts";
import { WebSocketTap } from "./websocket-tap.ts";

let proxy: CutProxy | undefined;
let server: WebSocketServer | undefined;

afterEach(async () => {
  await proxy?.close();
  server?.close();
});

it("messages of every length class, masked and not", async () => {
  const heard: string[] = [];
  const note = (side: string) =>
    new WebSocketTap({
      onText: (text) => heard.push(`${side} text ${text}`),
      onBinary: (bytes) => heard.push(`${side} binary ${bytes.length} of ${bytes[0]} to ${bytes.at(-1)}`),
    });
  server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
  await once(server, "listening");
  server.on("connection", (socket) =>
    socket.on("message", (bytes: Buffer, isBinary) => socket.send(bytes, { binary: isBinary })),
  );
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  proxy = await CutProxy.start({ port: 0, host: "127.0.0.1" }, { port, host: "127.0.0.1" }, () => {
    const [client, far] = [note("client"), note("server")];
    return {
      fromClient: (chunk) => {
        for (let start = 0; start < chunk.length; start += 7) client.take(chunk.subarray(start, start + 7));
      },
      fromServer: (chunk) => far.take(chunk),
    };
  });
  const socket = new WebSocket(`ws://127.0.0.1:${proxy.port}`, { perMessageDeflate: false });
  await once(socket, "open");
  for (const message of ["short", Buffer.alloc(300, 7), Buffer.alloc(70_000, 9)]) {
    socket.send(message);
    await once(socket, "message");
  }
  socket.terminate();
  expect(heard).toEqual([
    "client text short",
    "server text short",
    "client binary 300 of 7 to 7",
    "server binary 300 of 7 to 7",
    "client binary 70000 of 9 to 9",
    "server binary 70000 of 9 to 9",
  ]);
});
