// Asks for more time, or that the session is not taken for unused, and says what became of it.

import { useState } from "react";
import { extendSession, readExtendableAt } from "../api/mutations.ts";
import { describeProblem } from "../api/problem.ts";
import { nameTime } from "../ui/clock.ts";
import { useAnnounce } from "../ui/news.tsx";
import { askSession } from "./ask-session.ts";
import { latestEnd } from "./countdown.ts";
import type { Lab } from "./lab.ts";

export type Extension = {
  extend: () => void;
  /** Whoever asks for time is there: that counts as use, whether time is given or not. */
  stay: () => void;
  isBusy: boolean;
  /** Why the last try failed; null where it is known when the next one is taken. */
  problem: string | null;
};

export function useExtension(lab: Lab | null): Extension {
  const announce = useAnnounce();
  const [isBusy, setIsBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  function refuse(title: string): void {
    setProblem(`That did not work. ${title}.`);
    announce(`That did not work. ${title}.`);
  }

  /** False: not now, and the session says from when on. */
  async function ask(of: Lab): Promise<boolean> {
    try {
      of.learn(await extendSession(of.read().session.id));
      return true;
    } catch (error) {
      const extendableAt = readExtendableAt(error);
      if (extendableAt === undefined) throw error;
      of.learn({ ...of.read().session, extendableAt });
      return false;
    }
  }

  async function extend(of: Lab): Promise<void> {
    if (await ask(of)) announce(`The session ends at ${nameTime(latestEnd(of.read().session).at)}.`);
    else announce("The session cannot be extended now.");
  }

  async function stay(of: Lab): Promise<void> {
    if (!(await ask(of))) await askSession(of);
    announce("The session goes on.");
  }

  function start(act: (of: Lab) => Promise<void>): void {
    if (lab === null || isBusy) return;
    setIsBusy(true);
    setProblem(null);
    void act(lab)
      .catch((error: unknown) => refuse(describeProblem(error).title))
      .finally(() => setIsBusy(false));
  }

  return { extend: () => start(extend), stay: () => start(stay), isBusy, problem };
}
