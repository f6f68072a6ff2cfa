// Writes an isolate's counts as Prometheus text; pure.

import type { EdgeCounts, Traffic } from "./edge-counts.ts";

export const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

const PER_ISOLATE = "of this isolate alone, since it started";

export function renderMetrics({ constructed, accepted, closed, traffic, outbox }: EdgeCounts): string {
  const legs = Object.entries(traffic);
  const perDirection = (read: (traffic: Traffic) => readonly [number, number]) =>
    legs.flatMap(([leg, counted]) => {
      const [received, sent] = read(counted);
      return [[`leg="${leg}",direction="in"`, received] as const, [`leg="${leg}",direction="out"`, sent] as const];
    });
  return [
    family(
      "objects_constructed",
      "Objects constructed: a first use, or a return to memory",
      label("class", constructed),
    ),
    family("sockets_accepted", "Sockets that objects accepted", label("leg", accepted)),
    family(
      "sockets_closed",
      "Sockets closed, by the close code's name; peer: by the other side",
      label("name", Object.fromEntries(closed)),
    ),
    family(
      "frames",
      "Frames that objects received and sent, but for keep-alives, which no object sees",
      perDirection(({ framesIn, framesOut }) => [framesIn, framesOut]),
    ),
    family(
      "frame_bytes",
      "Payload of those frames",
      perDirection(({ bytesIn, bytesOut }) => [bytesIn, bytesOut]),
    ),
    family(
      "outbox_rows",
      "Rows of history: over all isolates, what was stored and not delivered waits in users' objects, and what was parked and not retried waits for an operator (GET /api/admin/outbox)",
      label("step", outbox.rows),
    ),
    family(
      "outbox_requests",
      "Requests that bring rows of history to the database: begun, and by what was answered; away: nothing, or something that says nothing of the rows",
      label("step", outbox.requests),
    ),
  ].join("");
}

type Sample = readonly [labels: string, count: number];

function label(name: string, counts: Readonly<Record<string, number>>): Sample[] {
  return Object.entries(counts).map(([value, count]) => [`${name}="${value}"`, count]);
}

function family(name: string, help: string, samples: readonly Sample[]): string {
  const metric = `berth_edge_${name}_total`;
  const lines = samples.map(([labels, count]) => `${metric}{${labels}} ${count}\n`);
  return `# HELP ${metric} ${help} (${PER_ISOLATE})\n# TYPE ${metric} counter\n${lines.join("")}`;
}
