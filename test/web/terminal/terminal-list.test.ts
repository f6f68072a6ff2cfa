// Shows which terminals a page lists as the session tells of them, and which one is selected.

import { describe, expect, it } from "vitest";
import { limits } from "#wire/limits.ts";
import {
  addTerminal,
  firstList,
  isFull,
  learnTerminals,
  removeTerminal,
  reviveEnded,
  selectedOf,
  stepTerminal,
  type TerminalList,
} from "../../../web/terminal/terminal-list.ts";

const live = (terminal: number, instance = `t_${terminal}`) => ({ terminal, instance, exited: false });
const exited = (terminal: number) => ({ ...live(terminal), exited: true });
const none = new Set<number>();
const numbers = ({ terminals }: TerminalList) => terminals.map(({ terminal }) => terminal);
const listing = (...summaries: ReturnType<typeof live>[]) => learnTerminals(firstList(0), summaries, none);

describe("a page's terminals", () => {
  it("begin with terminal 0 where the session has none", () => {
    expect(numbers(firstList(3))).toEqual([0]);
    expect(numbers(learnTerminals(firstList(0), [], none))).toEqual([0]);
  });

  it("are those of the session, also when they came from elsewhere or have exited", () => {
    const list = learnTerminals(listing(live(0)), [live(0), live(4), exited(2)], none);
    expect(list.terminals).toEqual([
      { terminal: 0, instance: "t_0", hasExited: false, isAsked: false },
      { terminal: 2, instance: "t_2", hasExited: true, isAsked: false },
      { terminal: 4, instance: "t_4", hasExited: false, isAsked: false },
    ]);
  });

  it("lose the one that was closed elsewhere, but not the one that is being opened here", () => {
    const list = addTerminal(listing(live(0), live(1)));
    expect(numbers(learnTerminals(list, [live(0)], none))).toEqual([0, 2]);
    expect(numbers(learnTerminals(listing(live(0), live(1)), [live(0)], new Set([1])))).toEqual([0, 1]);
  });

  it("all stay, for new shells, when the container was started again", () => {
    const list = learnTerminals(listing(live(0), live(1), exited(2)), [], none);
    expect(list.terminals.map(({ terminal, instance }) => [terminal, instance])).toEqual([
      [0, null],
      [1, null],
    ]);
  });

  it("do not show one that was closed here while the session still lists it", () => {
    const closed = removeTerminal(listing(live(0), live(1)), 1, "t_1");
    expect(numbers(learnTerminals(closed, [live(0), exited(1)], none))).toEqual([0]);
    expect(numbers(learnTerminals(closed, [live(0), live(1, "t_new")], none))).toEqual([0, 1]);
  });

  it("show one that was closed here again when the cut swallowed its end", () => {
    const closed = removeTerminal(listing(live(0), live(1), live(2)), 1, "t_1");
    expect(numbers(learnTerminals(reviveEnded(closed, [live(0), live(1)]), [live(0), live(1)], none))).toEqual([0, 1]);
    expect(numbers(learnTerminals(reviveEnded(closed, [live(0), exited(1)]), [live(0), exited(1)], none))).toEqual([0]);
  });
});

describe("a new terminal", () => {
  it("takes the lowest free number and is selected", () => {
    const list = addTerminal(listing(live(0), live(2)));
    expect([numbers(list), selectedOf(list)]).toEqual([[0, 1, 2], 1]);
  });

  it("has no room beyond the eighth", () => {
    const full = listing(...Array.from({ length: limits.terminalsPerSession }, (_, terminal) => live(terminal)));
    expect(isFull(full)).toBe(true);
    expect(addTerminal(full)).toBe(full);
  });
});

describe("the selected terminal", () => {
  it("is the wanted one once the session lists it, and the nearest before it until then", () => {
    const wanting = { ...firstList(5) };
    expect(selectedOf(learnTerminals(wanting, [live(0), live(3), live(7)], none))).toBe(3);
    expect(selectedOf(learnTerminals(wanting, [live(0), live(5)], none))).toBe(5);
    expect(selectedOf(learnTerminals(firstList(0), [live(3), live(7)], none))).toBe(3);
  });

  it.each([
    ["the next when it is closed", 1, 1, 2],
    ["the one before when the last is closed", 2, 2, 1],
    ["itself when another is closed", 0, 2, 0],
  ])("is %s", (_, wanted, closed, selected) => {
    const list = { ...listing(live(0), live(1), live(2)), wanted };
    expect(selectedOf(removeTerminal(list, closed, `t_${closed}`))).toBe(selected);
  });

  it("cannot be closed when it is the only one", () => {
    const list = listing(live(0));
    expect(removeTerminal(list, 0, "t_0")).toBe(list);
  });

  it.each([
    [0, 1, 1],
    [2, 1, 0],
    [0, -1, 2],
  ])("steps from %i by %i to %i", (wanted, steps, next) => {
    expect(stepTerminal({ ...listing(live(0), live(1), live(2)), wanted }, steps)).toBe(next);
  });
});
