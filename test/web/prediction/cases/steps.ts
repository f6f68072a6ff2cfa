// What a recorded learner does: types at a hand's pace, pastes, waits for output, pauses.

import type { EventKind } from "../recording.ts";

type Shown = Exclude<EventKind, "out">;

export type Step =
  /** `lead`: that many first characters need not show at once, since echo is not known before. */
  | { do: "type"; text: string; shows: Shown; lead?: number }
  | { do: "paste"; text: string; shows: Shown }
  | { do: "wait"; for: string }
  | { do: "pause"; ms: number };

export type Case = {
  group: string;
  name: string;
  steps: Step[];
  cols?: number;
  rows?: number;
  /** Lines for the shell's start-up file. */
  setUp?: string;
  asNobody?: boolean;
};

export const type = (text: string): Step => ({ do: "type", text, shows: "at-once" });
/** In a program that was not seen to echo yet. */
export const answer = (text: string, lead = 5): Step => ({ do: "type", text, shows: "at-once", lead });
/** Keys that only the program knows to draw, or that come before it is known to echo. */
export const press = (text: string): Step => ({ do: "type", text, shows: "key" });
export const paste = (text: string): Step => ({ do: "paste", text, shows: "at-once" });
/** In one burst, with what ends it. */
export const blurt = (text: string): Step => ({ do: "paste", text, shows: "key" });
export const secret = (text: string): Step => ({ do: "type", text, shows: "never" });
export const until = (text: string): Step => ({ do: "wait", for: text });
export const pause = (ms: number): Step => ({ do: "pause", ms });
export const enter = press("\r");
export const prompt = until("133;B");

/** A command at a prompt, until the next prompt. */
export const run = (command: string): Step[] => [type(command), enter, prompt];
/** A command at a prompt that starts a program, which may say something before it reads. */
export const start = (command: string, said: string | null): Step[] => [
  type(command),
  enter,
  until("133;C"),
  said === null ? pause(300) : until(said),
];

export const key = {
  up: "\x1b[A",
  down: "\x1b[B",
  right: "\x1b[C",
  left: "\x1b[D",
  home: "\x1b[H",
  end: "\x1b[F",
  erase: "\x7f",
  interrupt: "\x03",
  endOfFile: "\x04",
  escape: "\x1b",
} as const;

/** One key that sends several bytes, some times. */
export const strike = (bytes: string, times = 1, shows: Shown = "at-once"): Step[] =>
  Array.from({ length: times }, () => [pause(70), { do: "paste", text: bytes, shows } satisfies Step]).flat();
