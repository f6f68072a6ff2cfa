// The notices that stand in the page: a code at a time, what a new one makes untrue goes.

import type { Notice } from "#wire/session.ts";

type NoticeCode = Notice["code"];

const ofPrograms: readonly NoticeCode[] = ["memory_full", "processes_full", "processor_busy"];
const ofRestarts: readonly NoticeCode[] = ["container_restarted", "put_to_rest", "took_too_much"];

/** What is no longer so once the key is told. */
const outdated: Partial<Record<NoticeCode, readonly NoticeCode[]>> = {
  disk_full: ["disk_low"],
  container_restarted: [...ofPrograms, ...ofRestarts],
  put_to_rest: [...ofPrograms, ...ofRestarts],
  took_too_much: [...ofPrograms, ...ofRestarts],
};

/** The new one first; one with the same code is replaced by it. */
export function addNotice(notices: readonly Notice[], told: Notice): Notice[] {
  const gone = outdated[told.code] ?? [];
  return [told, ...notices.filter(({ code }) => code !== told.code && !gone.includes(code))];
}

export function dropNotice(notices: readonly Notice[], dropped: NoticeCode): Notice[] {
  return notices.filter(({ code }) => code !== dropped);
}
