// The terminals of one session in this page: their links by number, what each shows of itself, and which one is selected.

import type { TerminalSummary } from "#wire/session.ts";
import type { Emulator } from "./emulator.ts";
import type { TerminalEvent, TerminalMessage, TerminalPhase } from "./terminal-event.ts";
import { TerminalLink, type TerminalPort } from "./terminal-link.ts";
import {
  addTerminal,
  firstList,
  learnTerminals,
  removeTerminal,
  reviveEnded,
  selectedOf,
  stepTerminal,
  type TerminalList,
} from "./terminal-list.ts";

export type TerminalView = {
  terminal: number;
  phase: TerminalPhase;
  /** Its shell has ended, as the session knows even of a terminal that was not looked at. */
  hasExited: boolean;
  /** As its program names it, bounded; "" when it does not. */
  title: string;
  /** It has written since it was looked at. */
  hasNews: boolean;
  /** Its size is another tab's. */
  isSizedElsewhere: boolean;
  /** Typed into a shell that is gone. */
  unsent: string | null;
  /** Counts refused key presses, so that each can be shown. */
  bells: number;
};

export type TerminalsSnapshot = { views: readonly TerminalView[]; selected: number };

type Shown = Omit<TerminalView, "terminal" | "hasExited">;

const nothingShown: Shown = {
  phase: { name: "waiting" },
  title: "",
  hasNews: false,
  isSizedElsewhere: false,
  unsent: null,
  bells: 0,
};

/** A program that is given another size draws its prompt or screen again: that is no news. */
const REDRAWS_WITHIN_MS = 500;

export class TerminalSet {
  readonly #port: TerminalPort;
  readonly #changed: (snapshot: TerminalsSnapshot) => void;
  /** One per page load: a duplicated tab is another client. */
  readonly #client = crypto.randomUUID();
  readonly #links = new Map<number, TerminalLink>();
  readonly #shown = new Map<number, Shown>();
  readonly #resizedAt = new Map<number, number>();
  #list: TerminalList;
  #isReachable = false;
  /** What was sent on the way before this one may be lost. */
  #isNewWay = false;
  #isUsedHere = true;
  #isPageShown = true;

  /** `summaries` is what is known of them when the page comes; `wanted` is to be selected. */
  constructor(
    port: TerminalPort,
    summaries: readonly TerminalSummary[],
    wanted: number,
    changed: (snapshot: TerminalsSnapshot) => void,
  ) {
    this.#port = port;
    this.#list = learnTerminals(firstList(wanted), summaries, new Set());
    this.#changed = changed;
  }

  get snapshot(): TerminalsSnapshot {
    const views = this.#list.terminals.map(({ terminal, hasExited }) => {
      const shown = this.#shown.get(terminal) ?? nothingShown;
      return { terminal, ...shown, hasExited: hasExited || shown.phase.name === "exited" };
    });
    return { views, selected: selectedOf(this.#list) };
  }

  /** Gives a terminal an emulator to live on; the returned link takes what the emulator reports. */
  attach(terminal: number, emulator: Emulator): TerminalLink {
    this.#links.get(terminal)?.dispose();
    const link = new TerminalLink(terminal, this.#client, emulator, this.#port, {
      phase: (phase) => this.#show(terminal, { phase }),
      unsent: (unsent) => this.#show(terminal, { unsent }),
      bell: () => this.#show(terminal, { bells: (this.#shown.get(terminal)?.bells ?? 0) + 1 }),
      sizedElsewhere: (isSizedElsewhere) => this.#show(terminal, { isSizedElsewhere }),
    });
    this.#links.set(terminal, link);
    link.apply({ type: "used", isHere: this.#isUsedHere });
    link.apply({ type: "shown", isShown: this.#isShown(terminal) });
    if (this.#isReachable) link.apply({ type: "reachable" });
    return link;
  }

  detach(link: TerminalLink): void {
    link.dispose();
    if (this.#links.get(link.terminal) !== link) return;
    this.#links.delete(link.terminal);
    this.#shown.delete(link.terminal);
    this.#changed(this.snapshot);
  }

  reach(isReachable: boolean): void {
    this.#isReachable = isReachable;
    this.#isNewWay = true;
    this.#tellAll({ type: isReachable ? "reachable" : "unreachable" });
  }

  /** What the session lists while its container can be reached. */
  learn(summaries: readonly TerminalSummary[]): void {
    const opening = [...this.#links.values()].filter(({ isOpening }) => isOpening);
    if (this.#isNewWay) this.#list = reviveEnded(this.#list, summaries);
    this.#isNewWay = false;
    this.#list = learnTerminals(this.#list, summaries, new Set(opening.map(({ terminal }) => terminal)));
    for (const { terminal, instance } of this.#list.terminals) {
      this.#links.get(terminal)?.apply({ type: "listed", instance });
    }
    this.#changed(this.snapshot);
  }

  take(message: TerminalMessage): void {
    if (message.type === "resized") this.#resizedAt.set(message.terminal, performance.now());
    if (message.terminal === undefined) this.#tellAll({ type: "message", message });
    else this.#links.get(message.terminal)?.apply({ type: "message", message });
  }

  draw(terminal: number, offset: number, payload: Uint8Array): void {
    const link = this.#links.get(terminal);
    if (link === undefined) return;
    const isRedraw = performance.now() - (this.#resizedAt.get(terminal) ?? -REDRAWS_WITHIN_MS) < REDRAWS_WITHIN_MS;
    const isNews = link.isNews(offset) && !isRedraw;
    link.apply({ type: "output", offset, payload });
    if (isNews && !this.#isShown(terminal)) this.#show(terminal, { hasNews: true });
  }

  use(isHere: boolean): void {
    this.#isUsedHere = isHere;
    this.#tellAll({ type: "used", isHere });
  }

  showPage(isShown: boolean): void {
    this.#isPageShown = isShown;
    this.#tellShown();
  }

  select(terminal: number): void {
    this.#move({ ...this.#list, wanted: terminal });
  }

  step(steps: number): void {
    this.select(stepTerminal(this.#list, steps));
  }

  add(): void {
    this.#move(addTerminal(this.#list));
  }

  /** Ends a terminal's program and takes it out of the list. */
  end(terminal: number): void {
    const link = this.#links.get(terminal);
    const listed = this.#list.terminals.find((entry) => entry.terminal === terminal);
    const instance = link?.instance ?? listed?.instance ?? null;
    link?.apply({ type: "end" });
    this.#move(removeTerminal(this.#list, terminal, instance));
  }

  name(terminal: number, title: string): void {
    this.#show(terminal, { title });
  }

  dismissUnsent(terminal: number): void {
    this.#show(terminal, { unsent: null });
  }

  #move(list: TerminalList): void {
    this.#list = list;
    this.#tellShown();
    this.#changed(this.snapshot);
  }

  #isShown(terminal: number): boolean {
    return this.#isPageShown && selectedOf(this.#list) === terminal;
  }

  #tellShown(): void {
    for (const [terminal, link] of this.#links) {
      const isShown = this.#isShown(terminal);
      link.apply({ type: "shown", isShown });
      if (isShown && this.#shown.get(terminal)?.hasNews === true) this.#show(terminal, { hasNews: false });
    }
  }

  #tellAll(event: TerminalEvent): void {
    for (const link of this.#links.values()) link.apply(event);
  }

  #show(terminal: number, change: Partial<Shown>): void {
    this.#shown.set(terminal, { ...(this.#shown.get(terminal) ?? nothingShown), ...change });
    this.#changed(this.snapshot);
  }
}
