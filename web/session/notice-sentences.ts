// What the page adds to a notice's own sentence: how much it matters, and a name to put it away by.

import type { Notice } from "#wire/session.ts";

export type NoticeTone = "neutral" | "warning" | "bad";

const names: Record<Notice["code"], { tone: NoticeTone; name: string }> = {
  memory_full: { tone: "warning", name: "memory is full" },
  processes_full: { tone: "warning", name: "too many processes" },
  disk_full: { tone: "bad", name: "the disk is full" },
  disk_low: { tone: "warning", name: "the disk is nearly full" },
  processor_busy: { tone: "neutral", name: "the processor is busy" },
  container_restarted: { tone: "neutral", name: "the lab was started again" },
  put_to_rest: { tone: "neutral", name: "the lab is at rest" },
  took_too_much: { tone: "bad", name: "the lab took too much" },
  ends_soon: { tone: "warning", name: "the session ends soon" },
};

export function nameNotice(code: Notice["code"]): { tone: NoticeTone; name: string } {
  return names[code];
}
