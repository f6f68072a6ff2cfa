// The messages between daemon and agent on the per-session unix socket; agent-framing.ts says how they are framed beside terminal bytes.

import { z } from "zod";
import { starterBundleSchema } from "./challenge.ts";
import { contentHashSchema } from "./ids.ts";
import { limits } from "./limits.ts";
import { agentEventSchemas, viewerMessageSchemas } from "./runner.ts";
import { terminalSummarySchema } from "./session.ts";

const requestIdSchema = z
  .int()
  .min(1)
  .max(2 ** 31 - 1);

/** Agent -> daemon. The daemon forwards agent events to the session unchanged after parsing them. */
export const agentMessageSchema = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("hello"),
    protocolVersion: z.int(),
    terminals: z.array(terminalSummarySchema).max(limits.terminalsPerSession),
  }),
  ...agentEventSchemas,
  z.strictObject({ type: z.literal("pong") }),
  /** Whether a program other than the shell has the foreground of some terminal: after `hello`, and whenever it changes. */
  z.strictObject({ type: z.literal("jobs"), isBusy: z.boolean() }),
  z.strictObject({ type: z.literal("laid"), request: requestIdSchema, version: contentHashSchema }),
  z.strictObject({
    type: z.literal("lay_failed"),
    request: requestIdSchema,
    version: contentHashSchema,
    message: z.string().max(500),
  }),
]);
export type AgentMessage = z.infer<typeof agentMessageSchema>;

/** Daemon -> agent. A new connection starts with no viewers: whoever watches sends `open` again. */
export const daemonMessageSchema = z.discriminatedUnion("type", [
  ...viewerMessageSchemas,
  /** The daemon lost its data socket: all viewers are gone. */
  z.strictObject({ type: z.literal("detach_all") }),
  /** Answered by `pong`; an agent that hears nothing for limits.runnerSilenceMs dials again. */
  z.strictObject({ type: z.literal("ping") }),
  /** As in the runner protocol: shown in every terminal whose shell has the foreground, as output of that instance. */
  z.strictObject({ type: z.literal("warn"), message: z.string().max(500) }),
  z.strictObject({
    type: z.literal("lay"),
    request: requestIdSchema,
    version: contentHashSchema,
    bundle: starterBundleSchema,
  }),
]);
export type DaemonMessage = z.infer<typeof daemonMessageSchema>;
