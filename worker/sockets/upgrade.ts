// Upgrades on their way from the Worker to an object: how one is refused, and how the object says which refusal it means.

import { type CloseName, closeCodes } from "#wire/close-codes.ts";
import { countClose } from "../metrics/edge-counts.ts";

/** Set by the Worker on what it forwards, and by an object on a refusal; never taken from outside. */
export const upgradeHeaders = {
  session: "berth-session",
  signIn: "berth-sign-in",
  epoch: "berth-epoch",
  host: "berth-host",
  close: "berth-close",
} as const;

export function isUpgrade(request: Request): boolean {
  return request.headers.get("Upgrade")?.toLowerCase() === "websocket";
}

/** The first subprotocol that the client offers, or null. */
export function offeredSubprotocols(request: Request): string[] {
  return (request.headers.get("Sec-WebSocket-Protocol") ?? "")
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

/** A browser cannot read a refused upgrade, so a refusal is an accepted socket that is closed at once by its name. */
export function refuseUpgrade(request: Request, name: CloseName): Response {
  const { 0: client, 1: server } = new WebSocketPair();
  server.accept();
  countClose(name);
  server.close(closeCodes[name].code, closeCodes[name].reason);
  return acceptUpgrade(client, offeredSubprotocols(request)[0] ?? null);
}

export function acceptUpgrade(client: WebSocket, subprotocol: string | null): Response {
  const headers: HeadersInit = subprotocol === null ? {} : { "Sec-WebSocket-Protocol": subprotocol };
  return new Response(null, { status: 101, webSocket: client, headers });
}

const NORMAL_CLOSE = 1000;

/** Ends the closing handshake that the peer began: the platform leaves it to the object, and the peer waits. */
export function answerClose(socket: WebSocket): void {
  socket.close(NORMAL_CLOSE);
}

/** What an object answers in place of a socket; the Worker turns it into `refuseUpgrade`. */
export function refusal(name: CloseName): Response {
  return new Response(null, { status: 403, headers: { [upgradeHeaders.close]: name } });
}

/** Hands an upgrade to an object and returns its 101 untouched, or refuses by the name that the object gave. */
export async function forwardUpgrade(
  request: Request,
  object: { fetch(request: Request): Promise<Response> },
  path: "/browser" | "/data" | "/control",
  claims: Readonly<Record<string, string>>,
): Promise<Response> {
  const headers = new Headers(claims);
  headers.set("Upgrade", "websocket");
  const response = await object.fetch(new Request(`https://object${path}`, { headers }));
  if (response.status === 101) return response;
  const name = response.headers.get(upgradeHeaders.close);
  return refuseUpgrade(request, name !== null && isCloseName(name) ? name : "internal");
}

function isCloseName(name: string): name is CloseName {
  return Object.hasOwn(closeCodes, name);
}
