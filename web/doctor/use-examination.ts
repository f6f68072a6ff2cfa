// Runs an examination while the doctor is open, and again when asked.

import { useCallback, useEffect, useState } from "react";
import { noteFault } from "../page-log.ts";
import { describeClock } from "./browser-facts.ts";
import { examine } from "./examination.ts";
import { type Findings, noFindings } from "./finding.ts";

export type Examined = { findings: Findings; clock: string; again: () => void };

export function useExamination(login: string | null): Examined {
  const [round, setRound] = useState(0);
  const [findings, setFindings] = useState(noFindings);
  const [clock, setClock] = useState("not known");
  useEffect(() => {
    const abort = new AbortController();
    examine(
      login,
      {
        found: (name, finding) => setFindings((known) => ({ ...known, [name]: finding })),
        answered: (answers) => setClock(describeClock(answers, Date.now())),
      },
      abort.signal,
    ).catch((error: unknown) => noteFault("The examination broke off.", error));
    return () => abort.abort();
  }, [login, round]);
  const again = useCallback(() => {
    setFindings(noFindings);
    setRound((count) => count + 1);
  }, []);
  return { findings, clock, again };
}
