// Pending effects: which are still wanted, when one is tried again, and how each is carried out.

import { limits } from "#wire/limits.ts";
import type { PoolCalls } from "../runner-pool/pool-calls.ts";
import type { Effect, HostEvent, SessionState } from "./session-state.ts";

/** What became of an attempt: an event for the machine, done for good, or to be tried again at some later time. */
export type EffectAnswer =
  | { outcome: "event"; event: HostEvent }
  | { outcome: "done" }
  | { outcome: "later"; inMs: number };

/** Session and epoch make an effect the same one however often it is ordered. */
export function effectKey(effect: Pick<Effect, "kind" | "session" | "epoch">): string {
  return `${effect.kind} ${effect.session} ${effect.epoch}`;
}

/** An order that the session has moved past is dropped with the transition that moved it; a release waits for its own answer. */
export function isWanted(effect: Effect, state: SessionState): boolean {
  if (effect.kind === "release") return true;
  if (state.state === "none" || state.session !== effect.session || state.epoch !== effect.epoch) return false;
  if (effect.kind === "place") return state.state === "starting" && state.host === null;
  return state.state === "running";
}

/** Delay before try number `attempts` + 1. */
export function retryDelayMs(attempts: number): number {
  return Math.min(limits.effectRetryFirstMs * 2 ** Math.min(attempts, 16), limits.effectRetryMaxMs);
}

/** `lay` only writes to the data socket: its answer arrives there, and it is written again when the agent comes up anew. */
export async function carryOut(
  effect: Effect,
  poolOf: (name: string) => Pick<PoolCalls, "place" | "release">,
  lay: (version: string) => void,
): Promise<EffectAnswer> {
  switch (effect.kind) {
    case "place": {
      const { pool, kind: _kind, ...order } = effect;
      const answer = await poolOf(pool).place(order);
      if (answer.outcome === "wait") return { outcome: "later", inMs: answer.inMs };
      return answer.outcome === "placed"
        ? { outcome: "event", event: { type: "placed", epoch: effect.epoch, host: answer.host } }
        : { outcome: "event", event: { type: "no_host", epoch: effect.epoch, message: answer.message } };
    }
    case "release": {
      const answer = await poolOf(effect.pool).release(effect.session, effect.epoch);
      // The pool calls `released` when the host has said so; asking again only covers a lost call.
      return answer === "released" ? { outcome: "done" } : { outcome: "later", inMs: limits.hostGraceMs };
    }
    case "lay":
      lay(effect.version);
      return { outcome: "later", inMs: limits.layTimeoutMs };
    default:
      return effect satisfies never;
  }
}
