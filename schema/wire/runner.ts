// The runner protocol (design.md section 5): messages of the control socket (host and RunnerPool) and of the data socket (host and UserSession).

import { z } from "zod";
import {
  connectionNumberSchema,
  contentHashSchema,
  epochSchema,
  hostIdSchema,
  offsetSchema,
  sessionIdSchema,
  terminalInstanceSchema,
  terminalNumberSchema,
} from "./ids.ts";
import { limits } from "./limits.ts";
import { noticeSchema, terminalSummarySchema } from "./session.ts";
import {
  ackOutputSchema,
  closeTerminalSchema,
  markMessageSchema,
  openTerminalSchema,
  probedSchema,
  probeSchema,
  readMarkSchema,
  resizeTerminalSchema,
  terminalResizedSchema,
} from "./terminal.ts";

const placedSession = { session: sessionIdSchema, epoch: epochSchema };
const messageSchema = z.string().max(500);
const tokenSchema = z.string().min(1).max(2_048);

/** Lab images by name, as a challenge's `needs` and a host's capabilities spell them. */
export const imageNameSchema = z
  .string()
  .regex(/^[a-z0-9]+(?:[._/-][a-z0-9]+)*(?::[\w.-]{1,64})?$/)
  .max(200);

// Control socket, host -> pool

export const hostHelloSchema = z.strictObject({
  type: z.literal("hello"),
  protocolVersion: z.int(),
  hostName: z.string().min(1).max(limits.hostNameChars),
  /** Sessions this host has room for in all, running ones included. */
  capacity: z.int().min(0).max(limits.sessionsPerHost),
  /** Lab images that are preloaded in every container of this host. */
  images: z.array(imageNameSchema).max(100),
  /** What this host holds now; the pool rebuilds its index of leases from it. */
  sessions: z.array(z.strictObject(placedSession)).max(limits.sessionsPerHost),
});
export type HostHello = z.infer<typeof hostHelloSchema>;

export const hostControlMessageSchema = z.discriminatedUnion("type", [
  hostHelloSchema,
  /** The claim is stored on the host; its container dials the data socket when it is up. */
  z.strictObject({ type: z.literal("claimed"), ...placedSession }),
  z.strictObject({
    type: z.literal("claim_failed"),
    ...placedSession,
    code: z.enum(["no_room", "container_failed", "image_missing"]),
    message: messageSchema,
  }),
  /** The container and all that belonged to it is gone (also when there was none). */
  z.strictObject({ type: z.literal("released"), ...placedSession }),
]);
export type HostControlMessage = z.infer<typeof hostControlMessageSchema>;

// Control socket, pool -> host

export const claimSchema = z.strictObject({
  type: z.literal("claim"),
  ...placedSession,
  /** Signed `data` ticket (tokens.ts); kept in the daemon's state with mode 0600, never in a label, environment or image. */
  ticket: tokenSchema,
  images: z.array(imageNameSchema).max(20),
});
export type Claim = z.infer<typeof claimSchema>;

export const poolControlMessageSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("welcome"), host: hostIdSchema }),
  claimSchema,
  z.strictObject({ type: z.literal("release"), ...placedSession }),
]);
export type PoolControlMessage = z.infer<typeof poolControlMessageSchema>;

// Data socket, host -> session. Binary frames are terminal output: terminal-frame.ts, RunnerFrame.

const addressed = { connection: connectionNumberSchema.min(1), terminal: terminalNumberSchema };
const requestIdSchema = z
  .int()
  .min(1)
  .max(2 ** 31 - 1);

export const agentEventSchemas = [
  z.strictObject({
    type: z.literal("opened"),
    ...addressed,
    instance: terminalInstanceSchema,
    offset: offsetSchema,
    end: offsetSchema,
    received: offsetSchema,
    cols: terminalResizedSchema.shape.cols,
    rows: terminalResizedSchema.shape.rows,
  }),
  /** This viewer is no longer live: it has been sent everything before `offset`, and output for all is not for it before one that is addressed to it. */
  z.strictObject({ type: z.literal("behind"), ...addressed, offset: offsetSchema }),
  z.strictObject({ type: z.literal("truncated"), ...addressed, offset: offsetSchema }),
  z.strictObject({ type: z.literal("received"), ...addressed, offset: offsetSchema }),
  /** To all viewers of the terminal, after the last byte of its output. */
  z.strictObject({ type: z.literal("exited"), terminal: terminalNumberSchema, exitCode: z.int() }),
  /** To all viewers of the terminal, between the output of the old size and that of the new. */
  terminalResizedSchema,
  /** The answer to `probe`, of the daemon (`host`) or the agent (`container`). */
  probedSchema.extend({ connection: connectionNumberSchema.min(1) }),
  /** One `open` could not be carried out. */
  z.strictObject({ type: z.literal("open_failed"), ...addressed, message: messageSchema }),
] as const;

export const hostDataMessageSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("hello"), protocolVersion: z.int(), ...placedSession }),
  /** The agent (re)connected to the daemon, or was lost. After `up` viewers send `open` again. */
  z.strictObject({
    type: z.literal("agent"),
    state: z.enum(["up", "down"]),
    terminals: z.array(terminalSummarySchema).max(limits.terminalsPerSession),
  }),
  ...agentEventSchemas,
  readMarkSchema,
  z.strictObject({ type: z.literal("laid"), request: requestIdSchema, version: contentHashSchema }),
  z.strictObject({
    type: z.literal("lay_failed"),
    request: requestIdSchema,
    version: contentHashSchema,
    message: messageSchema,
  }),
  /** A foreground job runs in a terminal: said again at most once in limits.activityNoteEveryMs while it does. Input is seen by the session itself. */
  z.strictObject({ type: z.literal("active") }),
  z.strictObject({ type: z.literal("notice"), notice: noticeSchema }),
  /** The container is gone for good; the host has nothing left of it. */
  z.strictObject({ type: z.literal("container_lost"), message: messageSchema }),
]);
export type HostDataMessage = z.infer<typeof hostDataMessageSchema>;

// Data socket, session -> host. Binary frames are terminal input: terminal-frame.ts, RunnerFrame, connection = its sender.

export const viewerMessageSchemas = [
  openTerminalSchema.extend({ connection: connectionNumberSchema.min(1) }),
  resizeTerminalSchema.extend({ connection: connectionNumberSchema.min(1) }),
  ackOutputSchema.extend({ connection: connectionNumberSchema.min(1) }),
  closeTerminalSchema.extend({ connection: connectionNumberSchema.min(1) }),
  probeSchema.extend({ connection: connectionNumberSchema.min(1) }),
  /** The viewer's socket is gone: it no longer counts for any terminal. */
  z.strictObject({ type: z.literal("detach"), connection: connectionNumberSchema.min(1) }),
] as const;
export const viewerMessageSchema = z.discriminatedUnion("type", viewerMessageSchemas);
export type ViewerMessage = z.infer<typeof viewerMessageSchema>;

export const sessionDataMessageSchema = z.discriminatedUnion("type", [
  ...viewerMessageSchemas,
  /** As towards a browser: returned as `read` when it is met. */
  markMessageSchema,
  /** Write this challenge version's starter into /workspace; the host fetches the bundle by its hash and may do it more than once. */
  z.strictObject({ type: z.literal("lay"), request: requestIdSchema, version: contentHashSchema }),
  /** Show this in every terminal that is at its prompt. */
  z.strictObject({ type: z.literal("warn"), message: messageSchema }),
]);
export type SessionDataMessage = z.infer<typeof sessionDataMessageSchema>;
