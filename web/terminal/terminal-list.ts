// Which of a session's terminals this page shows, and which one is selected, as pure steps.

import { limits } from "#wire/limits.ts";
import type { TerminalSummary } from "#wire/session.ts";

export type ListedTerminal = {
  terminal: number;
  /** As the session lists it; null: asked for here, or not known yet. */
  instance: string | null;
  hasExited: boolean;
  /** The learner asked for it here, and the session does not list it yet. */
  isAsked: boolean;
};

export type TerminalList = {
  /** By number; never empty. */
  terminals: readonly ListedTerminal[];
  /** The one that the learner chose last: it is selected as soon as, and as long as, it exists. */
  wanted: number;
  /** Instances that were ended here; the session may list them a moment longer. */
  ended: ReadonlySet<string>;
};

export const firstList = (wanted: number): TerminalList => ({
  terminals: [{ terminal: 0, instance: null, hasExited: false, isAsked: false }],
  wanted,
  ended: new Set(),
});

export function selectedOf({ terminals, wanted }: TerminalList): number {
  const before = terminals.findLast(({ terminal }) => terminal <= wanted);
  return (before ?? terminals[0])?.terminal ?? 0;
}

export const isFull = ({ terminals }: TerminalList): boolean => terminals.length >= limits.terminalsPerSession;

/** What the session lists while its container can be reached. `opening` are those whose `open` is under way or was refused. */
export function learnTerminals(
  list: TerminalList,
  summaries: readonly TerminalSummary[],
  opening: ReadonlySet<number>,
): TerminalList {
  const listed = summaries.filter(({ instance }) => !list.ended.has(instance));
  const known = new Set(list.terminals.flatMap(({ instance }) => instance ?? []));
  // Not one of the shells that were shown is left: the container was started again, and each gets a new one.
  const isNewContainer =
    known.size > 0 && !summaries.some(({ instance }) => known.has(instance) || list.ended.has(instance));
  const kept = list.terminals.filter(
    ({ terminal, hasExited, isAsked }) =>
      !listed.some((summary) => summary.terminal === terminal) &&
      (isAsked || opening.has(terminal) || (isNewContainer && !hasExited)),
  );
  const terminals = [
    ...listed.map(({ terminal, instance, exited }) => ({ terminal, instance, hasExited: exited, isAsked: false })),
    ...kept.map(({ terminal, isAsked }) => ({ terminal, instance: null, hasExited: false, isAsked })),
  ];
  terminals.sort((a, b) => a.terminal - b.terminal);
  return terminals.length === 0 ? { ...firstList(list.wanted), ended: list.ended } : { ...list, terminals };
}

/** A new terminal at the lowest free number, selected; the same list when there is no room. */
export function addTerminal(list: TerminalList): TerminalList {
  if (isFull(list)) return list;
  const used = new Set(list.terminals.map(({ terminal }) => terminal));
  let terminal = 0;
  while (used.has(terminal)) terminal += 1;
  const terminals = [...list.terminals, { terminal, instance: null, hasExited: false, isAsked: true }];
  terminals.sort((a, b) => a.terminal - b.terminal);
  return { ...list, terminals, wanted: terminal };
}

/** The last one stays: a page of terminals has one. `instance` is what was ended, if anything was. */
export function removeTerminal(list: TerminalList, terminal: number, instance: string | null): TerminalList {
  if (list.terminals.length === 1) return list;
  const at = list.terminals.findIndex((entry) => entry.terminal === terminal);
  const terminals = list.terminals.filter((entry) => entry.terminal !== terminal);
  const next = terminals[Math.min(at, terminals.length - 1)]?.terminal ?? 0;
  return {
    terminals,
    wanted: selectedOf(list) === terminal ? next : list.wanted,
    ended: instance === null ? list.ended : new Set([...list.ended, instance]),
  };
}

/** The way was cut: one that was ended here and is listed alive was not reached by its end. */
export function reviveEnded(list: TerminalList, summaries: readonly TerminalSummary[]): TerminalList {
  const alive = new Set(summaries.filter(({ exited }) => !exited).map(({ instance }) => instance));
  return { ...list, ended: new Set([...list.ended].filter((instance) => !alive.has(instance))) };
}

/** The terminal `steps` after the selected one, around the ends. */
export function stepTerminal(list: TerminalList, steps: number): number {
  const { terminals } = list;
  const selected = selectedOf(list);
  const at = terminals.findIndex(({ terminal }) => terminal === selected) + steps;
  return terminals[(at + terminals.length) % terminals.length]?.terminal ?? selected;
}
