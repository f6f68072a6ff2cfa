// What a program in the terminal may do to the page: a bounded title and links to web addresses, nothing else.

import { limits } from "#wire/limits.ts";

const controlCharacters = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

export function boundTitle(title: string): string {
  return title.replace(controlCharacters, "").trim().slice(0, limits.terminalTitleChars);
}

/** A name for the container's own loopback means something else in the learner's browser. */
const loopback = /^(?:localhost|.*\.localhost|127(?:\.\d+){3}|0\.0\.0\.0|\[::1?\])$/;

export function isOpenableLink(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname } = new URL(address);
  return (protocol === "http:" || protocol === "https:") && !loopback.test(hostname);
}

/** Addresses that are drawn as links. */
export const linkPattern =
  /(?:https?):\/\/(?!localhost\b|127\.|0\.0\.0\.0|\[::)[^\s"'<>`{}|\\^]*[^\s"'<>`{}|\\^.,;:!?)\]]/;
