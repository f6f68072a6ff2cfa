// Facts about this browser that explain a connection.

import type { HttpAnswer } from "./measure.ts";
import type { Fact } from "./report.ts";

/** HTTP tells whole seconds, and an answer travels. */
const CLOCK_TOLERANCE_MS = 2_000;

/** This machine's clock against the edge's, at the moment an answer came; null where no answer tells the time. */
export function describeClock(answers: readonly HttpAnswer[], now: number): string | null {
  const last = answers.findLast((answer) => answer.name === "answered" && answer.edgeTime !== null);
  if (last?.name !== "answered" || last.edgeTime === null) return null;
  const ahead = now - last.edgeTime;
  if (Math.abs(ahead) < CLOCK_TOLERANCE_MS) return "as the edge’s";
  return `${Math.round(Math.abs(ahead) / 1000)} s ${ahead > 0 ? "ahead of" : "behind"} the edge’s`;
}

/** Not every browser tells what kind of network it has. */
function readEffectiveType(): string {
  const connection: unknown = "connection" in navigator ? navigator.connection : null;
  if (typeof connection !== "object" || connection === null || !("effectiveType" in connection)) return "not told";
  return String(connection.effectiveType);
}

export function readBrowserFacts(clock: string | null): Fact[] {
  return [
    { name: "Online", value: navigator.onLine ? "yes" : "no" },
    { name: "Network as the browser sees it", value: readEffectiveType() },
    { name: "Page", value: document.visibilityState },
    ...(clock === null ? [] : [{ name: "Clock", value: clock }]),
    { name: "Address", value: location.origin },
    { name: "Browser", value: navigator.userAgent },
  ];
}
