// Draws from a seed which processes are killed, in which moment of a session's life; pure, so that a run that failed can be had again.

import { SeededRandom } from "./seeded-random.ts";

/** `shim`: containerd's keeper of one container; `init`: the container's first process. */
export const KILL_TARGETS = [
  "edge",
  "runner-host",
  "database",
  "dockerd",
  "containerd",
  "shim",
  "init",
  "agent",
] as const;
export type KillTarget = (typeof KILL_TARGETS)[number];

export const KILL_MOMENTS = ["starting", "ready", "paused", "ending"] as const;
export type KillMoment = (typeof KILL_MOMENTS)[number];

export interface Kill {
  readonly number: number;
  readonly target: KillTarget;
  readonly moment: KillMoment;
  /** From the moment's beginning: when the session is asked for, has its shell, is frozen, is told to end. */
  readonly afterMs: number;
}

/** A start takes about a second and an end half of one: kills fall anywhere in them, and a little beyond. */
const AFTER_MAX_MS: Record<KillMoment, number> = { starting: 1_200, ready: 500, paused: 200, ending: 600 };

/** Every target in every moment once, in an order of its own, then again. */
export function planKills(seed: number, count: number): Kill[] {
  const random = new SeededRandom(seed);
  const kills: Kill[] = [];
  while (kills.length < count) {
    const deal = KILL_TARGETS.flatMap((target) => KILL_MOMENTS.map((moment) => ({ target, moment })));
    while (deal.length > 0) {
      const [drawn] = deal.splice(random.between(0, deal.length - 1), 1);
      if (drawn === undefined) break;
      const afterMs = random.between(0, AFTER_MAX_MS[drawn.moment]);
      kills.push({ number: kills.length, ...drawn, afterMs });
    }
  }
  return kills.slice(0, count);
}

export function describeKill({ number, target, moment, afterMs }: Kill): string {
  return `#${number} ${target} ${afterMs} ms into ${moment}`;
}
