// The table of the socket routes, as openapi.json describes them; worker/app.ts connects them.

import type { Access } from "./route.ts";

type SocketFacts = {
  readonly operation: string;
  readonly summary: string;
  readonly access: Access;
  /** Request headers that mean something, by name. */
  readonly headers: Readonly<Record<string, string>>;
};

export const socketTable = {
  "/ws/sessions/:id": {
    operation: "connectSession",
    summary: "A browser's terminals and the session's changes (schema/wire/terminal.ts)",
    access: "learner",
    headers: { Origin: "The site's own", "Sec-WebSocket-Protocol": "berth.v1" },
  },
  "/ws/runner/control": {
    operation: "connectControl",
    summary: "A runner host's claims and releases (schema/wire/runner.ts)",
    access: "runner_host",
    headers: {},
  },
  "/ws/runner/data": {
    operation: "connectData",
    summary: "One session's container (schema/wire/runner.ts)",
    access: "runner_host",
    headers: { "Berth-Ticket": "The data ticket of this session and epoch" },
  },
} as const satisfies Readonly<Record<string, SocketFacts>>;

export type SocketPath = keyof typeof socketTable;
