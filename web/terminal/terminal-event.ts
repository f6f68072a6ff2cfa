// What can happen to a terminal in the browser, and what it then wants done.

import type { BrowserMessage, EdgeMessage } from "#wire/terminal.ts";
import type { OutputPart } from "./drawn-output.ts";

export type TerminalSize = { cols: number; rows: number };

/** `waiting` until the terminal is attached (again); `failed` until the learner tries once more. */
export type TerminalPhase =
  | { name: "waiting" }
  | { name: "attached" }
  | { name: "exited"; exitCode: number }
  | { name: "failed"; message: string };

/** The control messages that speak of one terminal. */
export type TerminalMessage = Extract<
  EdgeMessage,
  { type: "opened" | "truncated" | "received" | "exited" | "resized" | "error" }
>;

export type TerminalEvent =
  /** The way to the container is whole: first, again, or replaced. */
  | { type: "reachable" }
  | { type: "unreachable" }
  /** The session lists the terminal with this instance. */
  | { type: "listed"; instance: string | null }
  | { type: "message"; message: TerminalMessage }
  | { type: "output"; offset: number; payload: Uint8Array }
  /** The emulator has drawn everything of `instance` before `offset`. */
  | { type: "drawn"; instance: string; offset: number }
  | { type: "typed"; bytes: Uint8Array }
  /** The emulator's own answer to a query found in output; `isReplay` as that output was drawn. */
  | { type: "answered"; bytes: Uint8Array; isReplay: boolean }
  /** Whether this tab is the one that the learner used last; only that one answers queries. */
  | { type: "used"; isHere: boolean }
  /** Whether the learner can see this terminal: a hidden one leaves the size alone. */
  | { type: "shown"; isShown: boolean }
  /** The learner clicked, typed or came into this terminal. */
  | { type: "touched" }
  /** There is room for this size. */
  | { type: "fitted"; cols: number; rows: number }
  /** The learner asks for a new shell, or for another try. */
  | { type: "restart" }
  /** The learner asks for this terminal's end. */
  | { type: "end" }
  | { type: "retry_input" };

export type TerminalEffect =
  | { type: "send"; message: BrowserMessage }
  | { type: "send_input"; offset: number; payload: Uint8Array }
  /** Once drawn, report `drawn` with `instance` and `end`. */
  | ({ type: "draw" } & OutputPart)
  /** What is drawn after this is drawn at this size. */
  | ({ type: "draw_at" } & TerminalSize)
  /** Whether the size that is drawn is another tab's. */
  | { type: "sized_elsewhere"; isElsewhere: boolean }
  | { type: "clear" }
  /** The shell that was shown is gone without the learner's doing; what is drawn next is another one's. */
  | { type: "show_new_shell" }
  /** Output that nobody keeps any more belongs here. */
  | { type: "show_missing"; bytes: number }
  /** Typed into an instance that is gone: shown, never sent. */
  | { type: "show_unsent"; bytes: Uint8Array }
  | { type: "bell" }
  | { type: "retry_input_after"; delayMs: number }
  | { type: "phase"; phase: TerminalPhase };
