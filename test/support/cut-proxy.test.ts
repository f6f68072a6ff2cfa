// The proxy does what a network does, and nothing else.

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";
import { CutProxy } from "./cut-proxy.ts";

let echo: Server;
let proxy: CutProxy;
let client: Socket;
const serverSides: Socket[] = [];

beforeEach(async () => {
  echo = createServer((socket) => {
    serverSides.push(socket);
    socket.on("error", () => socket.destroy()).pipe(socket);
  });
  echo.listen(0, "127.0.0.1");
  await once(echo, "listening");
  proxy = await CutProxy.start(
    { port: 0, host: "127.0.0.1" },
    { port: (echo.address() as AddressInfo).port, host: "127.0.0.1" },
  );
  client = await dial("hello");
});

afterEach(async () => {
  client.destroy();
  await proxy.close();
  for (const socket of serverSides.splice(0)) socket.destroy();
  echo.close();
});

async function dial(greeting: string): Promise<Socket> {
  const socket = connect({ port: proxy.port, host: "127.0.0.1" });
  socket.on("error", () => socket.destroy());
  socket.write(greeting);
  const [answer] = await once(socket, "data");
  expect(String(answer)).toBe(greeting);
  return socket;
}

it("resets the connections that are meant and no others", async () => {
  const other = await dial("other");
  const closed = new Promise((resolve) => client.once("close", resolve));
  expect(proxy.reset(/^hello/)).toBe(1);
  await closed;
  other.write("still there");
  expect(String((await once(other, "data"))[0])).toBe("still there");
  other.destroy();
});

it("swallows what goes over a half-open connection, and tells nobody when a side ends", async () => {
  expect(proxy.goHalfOpen()).toBe(1);
  client.write("lost");
  const heard: unknown[] = [];
  client.on("data", (chunk) => heard.push(chunk)).on("close", () => heard.push("close"));
  serverSides[0]?.destroy();
  const fresh = await dial("fresh");
  expect(heard).toEqual([]);
  expect(proxy.count()).toBe(1);
  fresh.destroy();
});

it("holds everything back while it stalls and then lets it go on in order", async () => {
  const stalled = proxy.stall(200);
  const heard: string[] = [];
  client.on("data", (chunk) => heard.push(String(chunk)));
  client.write("one");
  await dial("passes");
  expect(heard).toEqual([]);
  expect(await stalled).toBe(1);
  if (heard.length === 0) await once(client, "data");
  expect(heard.join("")).toBe("one");
});
