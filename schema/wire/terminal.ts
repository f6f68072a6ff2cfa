// The browser socket `/ws/sessions/:id`: its JSON control messages and its binary terminal frames (design.md section 4).

import { z } from "zod";
import {
  clientIdSchema,
  epochSchema,
  markSchema,
  offsetSchema,
  probeNumberSchema,
  terminalInstanceSchema,
  terminalNumberSchema,
} from "./ids.ts";
import { limits } from "./limits.ts";
import { noticeSchema, sessionSchema } from "./session.ts";

const colsSchema = z.int().min(1).max(limits.terminalColsMax);
const rowsSchema = z.int().min(1).max(limits.terminalRowsMax);

/**
 * Attaches to a terminal, creating it when it does not run. `instance` and `offset` are what the client already
 * shows (both null when it shows nothing): output continues at `offset` if the instance is still the same one.
 * A terminal that runs takes the size only when the open claims it: a tab in the background that comes back after a cut does not.
 */
export const openTerminalSchema = z.strictObject({
  type: z.literal("open"),
  terminal: terminalNumberSchema,
  cols: colsSchema,
  rows: rowsSchema,
  claimsSize: z.boolean(),
  client: clientIdSchema,
  instance: terminalInstanceSchema.nullable(),
  offset: offsetSchema.nullable(),
});

export const resizeTerminalSchema = z.strictObject({
  type: z.literal("resize"),
  terminal: terminalNumberSchema,
  cols: colsSchema,
  rows: rowsSchema,
});

/** Everything before `offset` has been drawn. */
export const ackOutputSchema = z.strictObject({
  type: z.literal("ack"),
  terminal: terminalNumberSchema,
  offset: offsetSchema,
});

/**
 * Ends this instance of the terminal: its program is hung up and its buffer forgotten. The next `open` starts a new one.
 * Another instance (one that another tab has started since) is left alone.
 * The session stops listing it at once: a terminal that is listed as exited can still be looked at, a closed one cannot.
 */
export const closeTerminalSchema = z.strictObject({
  type: z.literal("close"),
  terminal: terminalNumberSchema,
  instance: terminalInstanceSchema,
});

/** Everything that was sent before this mark has been read from the socket (and need not be drawn yet). */
export const readMarkSchema = z.strictObject({ type: z.literal("read"), mark: markSchema });

/** Asks the runner host's daemon, or the agent in the container, for a sign of life; measures how far away each is. */
export const probeSchema = z.strictObject({
  type: z.literal("probe"),
  probe: probeNumberSchema,
  at: z.enum(["host", "container"]),
});

export const browserMessageSchema = z.discriminatedUnion("type", [
  openTerminalSchema,
  resizeTerminalSchema,
  ackOutputSchema,
  closeTerminalSchema,
  readMarkSchema,
  probeSchema,
]);
export type BrowserMessage = z.infer<typeof browserMessageSchema>;

/**
 * The answer to `open`. Replay starts at `offset`; bytes before `end` are replay (answers to device queries in them are not sent);
 * `received` is how much of this client's input the agent has taken in this instance; `cols` and `rows` are the size it has now.
 */
export const terminalOpenedSchema = z.strictObject({
  type: z.literal("opened"),
  terminal: terminalNumberSchema,
  instance: terminalInstanceSchema,
  epoch: epochSchema,
  offset: offsetSchema,
  end: offsetSchema,
  received: offsetSchema,
  cols: colsSchema,
  rows: rowsSchema,
});

/** The terminal has another size from here on in its output: whoever shows it draws at this size. */
export const terminalResizedSchema = z.strictObject({
  type: z.literal("resized"),
  terminal: terminalNumberSchema,
  cols: colsSchema,
  rows: rowsSchema,
});

/** Output before `offset` is no longer kept: what this viewer misses is gone. */
export const terminalTruncatedSchema = z.strictObject({
  type: z.literal("truncated"),
  terminal: terminalNumberSchema,
  offset: offsetSchema,
});

export const inputReceivedSchema = z.strictObject({
  type: z.literal("received"),
  terminal: terminalNumberSchema,
  offset: offsetSchema,
});

export const terminalExitedSchema = z.strictObject({
  type: z.literal("exited"),
  terminal: terminalNumberSchema,
  exitCode: z.int(),
});

/** The way to the terminals was replaced (a new data socket or a new agent): send `open` again for each, with what is shown. */
export const reattachSchema = z.strictObject({ type: z.literal("reattach") });

/** Return it as `read` at once when it is met: until then what was sent counts as unread, and a socket with too much of it is closed (`not_reading`). */
export const markMessageSchema = z.strictObject({ type: z.literal("mark"), mark: markSchema });

export const probedSchema = z.strictObject({ ...probeSchema.shape, type: z.literal("probed") });

/** Says why one message was refused; the socket stays open. */
export const socketErrorSchema = z.strictObject({
  type: z.literal("error"),
  code: z.enum(["session_not_ready", "container_unreachable", "terminal_not_open", "terminal_failed"]),
  message: z.string().max(500),
  terminal: terminalNumberSchema.optional(),
});

export const edgeMessageSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("session"), session: sessionSchema }),
  terminalOpenedSchema,
  terminalTruncatedSchema,
  inputReceivedSchema,
  terminalExitedSchema,
  terminalResizedSchema,
  reattachSchema,
  markMessageSchema,
  probedSchema,
  z.strictObject({ type: z.literal("notice"), notice: noticeSchema }),
  socketErrorSchema,
]);
export type EdgeMessage = z.infer<typeof edgeMessageSchema>;

/** Keep-alive that the object answers without waking: exact strings, given to setWebSocketAutoResponse. */
export const PING = "ping";
export const PONG = "pong";
