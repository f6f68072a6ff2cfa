// The honest steps of a starting session, derived from its state alone.

import type { Session } from "#wire/session.ts";

export type ProgressStep = {
  name: "place" | "start" | "lay" | "ready";
  title: string;
  status: "done" | "active" | "pending";
};

const files = "the challenge’s files in /workspace";

/** Each step as it reads before, during and after. */
const steps: readonly { name: ProgressStep["name"]; titles: Record<ProgressStep["status"], string> }[] = [
  { name: "place", titles: { pending: "Find a host", active: "Finding a host", done: "Found a host" } },
  {
    name: "start",
    titles: { pending: "Start your container", active: "Starting your container", done: "Started your container" },
  },
  { name: "lay", titles: { pending: `Lay ${files}`, active: `Laying ${files}`, done: `Laid ${files}` } },
  { name: "ready", titles: { pending: "Ready", active: "Ready", done: "Ready" } },
];

/** Elapsed time is shown once a start takes longer than this. */
const SHOW_ELAPSED_AFTER_MS = 2_000;

/** A host as people read it: the start of its identifier, and where it is. */
export function nameHost(host: NonNullable<Session["host"]>): string {
  return `${host.id.slice(2, 8)} (${host.region})`;
}

/** `session` is null while it is asked for. */
export function describeProgress(session: Pick<Session, "state" | "host"> | null): ProgressStep[] {
  const on = session?.host ? ` on ${nameHost(session.host)}` : "";
  const active = activeStep(session);
  return steps.map(({ name, titles }, index) => {
    const status = index < active ? "done" : index === active ? "active" : "pending";
    return { name, title: titles[status] + (name === "start" ? on : ""), status };
  });
}

function activeStep(session: Pick<Session, "state" | "host"> | null): number {
  if (session === null) return 0;
  switch (session.state) {
    case "starting":
      return session.host === null ? 0 : 1;
    case "running":
    case "loading_challenge":
      return 2;
    case "ready":
    case "stopped":
    case "failed":
    case "expired":
      return 3;
  }
}

export function describeElapsed(elapsedMs: number): string | null {
  return elapsedMs < SHOW_ELAPSED_AFTER_MS ? null : `${Math.floor(elapsedMs / 1000)} s`;
}
