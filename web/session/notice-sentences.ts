// What the page adds to a notice: a name for what happened, and how much it matters.

import type { Notice } from "#wire/session.ts";

export type NoticeTone = "neutral" | "warning" | "bad";

const names: Record<Notice["code"], { tone: NoticeTone; title: string }> = {
  memory_full: { tone: "warning", title: "Memory is full" },
  processes_full: { tone: "warning", title: "Too many processes" },
  disk_full: { tone: "bad", title: "The disk is full" },
  disk_low: { tone: "warning", title: "The disk is nearly full" },
  processor_busy: { tone: "neutral", title: "The processor is busy" },
  container_restarted: { tone: "neutral", title: "Your lab was started again; your files are as they were" },
  put_to_rest: { tone: "neutral", title: "Your lab is at rest; your files are as they were" },
  took_too_much: { tone: "bad", title: "Your lab took too much of its machine" },
  ends_soon: { tone: "warning", title: "This session ends soon" },
};

export function nameNotice(code: Notice["code"]): { tone: NoticeTone; title: string } {
  return names[code];
}

/** As a screen reader is told it. */
export function announceNotice({ code, message }: Notice): string {
  return `${names[code].title}. ${message}`;
}
