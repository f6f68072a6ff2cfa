// Runs an examination while the doctor is open, and again when asked.

import { useCallback, useEffect, useRef, useState } from "react";
import { noteFault } from "../page-log.ts";
import { readSetting } from "../ui/settings.ts";
import { describeClock } from "./browser-facts.ts";
import { examine } from "./examination.ts";
import { type Findings, noFindings } from "./finding.ts";

export type Examined = { findings: Findings; clock: string | null; again: () => void };

export function useExamination(login: string | null): Examined {
  const running = useRef<AbortController | null>(null);
  const [findings, setFindings] = useState(noFindings);
  const [clock, setClock] = useState<string | null>(null);
  const begin = useCallback(() => {
    running.current?.abort();
    const abort = new AbortController();
    running.current = abort;
    examine(
      { login, isPredicting: readSetting("terminal.prediction") !== "off" },
      {
        found: (name, finding) => setFindings((known) => ({ ...known, [name]: finding })),
        answered: (answers) => setClock(describeClock(answers, Date.now())),
      },
      abort.signal,
    ).catch((error: unknown) => noteFault("The examination broke off.", error));
  }, [login]);
  useEffect(() => {
    begin();
    return () => running.current?.abort();
  }, [begin]);
  const again = useCallback(() => {
    setFindings(noFindings);
    begin();
  }, [begin]);
  return { findings, clock, again };
}
