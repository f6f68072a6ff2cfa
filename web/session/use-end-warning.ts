// The warning that a session ends soon: counted by this page, or told by the edge, and asked about before it is shown.

import { useEffect, useEffectEvent, useState } from "react";
import { type DeadlineRule, deadlineSentence, sessionDeadline } from "#wire/session-deadline.ts";
import { useAnnounce } from "../ui/news.tsx";
import { askSession } from "./ask-session.ts";
import { readCountdown } from "./countdown.ts";
import type { Lab, LabSnapshot } from "./lab.ts";

export type EndWarning = { sentence: string; isLast: boolean; rule: DeadlineRule; dismiss: () => void };

/** `now` is the edge's time. Null: nothing to warn of, or it was put away; the last warning comes all the same. */
export function useEndWarning(lab: Lab, { session, idleMs, notices }: LabSnapshot, now: number): EndWarning | null {
  const announce = useAnnounce();
  const { deadline, level } = readCountdown(session, idleMs, now);
  const told = notices.find(({ code }) => code === "ends_soon")?.message;
  // The edge may be a moment ahead of what is counted here: that is the same warning.
  const { rule } = level === "far" ? sessionDeadline(session) : deadline;
  const stage = level === "far" && told === undefined ? null : `${rule} ${level === "last" ? "last" : "near"}`;
  const sentence = level === "far" ? (told ?? "") : deadlineSentence(deadline, now);
  /** The stage that the edge was asked about: another tab or a program may have used the session meanwhile. */
  const [asked, setAsked] = useState<string | null>(null);
  const [dismissed, setDismissed] = useState<string | null>(null);
  if (stage === null && asked !== null) {
    setAsked(null);
    setDismissed(null);
  }

  useEffect(() => {
    if (stage === null) return;
    let isOver = false;
    void askSession(lab).then(() => {
      if (!isOver) setAsked(stage);
    });
    return () => {
      isOver = true;
    };
  }, [lab, stage]);

  const warn = useEffectEvent(() => announce(sentence, "assertive"));
  useEffect(() => {
    if (asked === null) return;
    warn();
    // What is over is not to be found by whoever reads on.
    return () => announce("", "assertive");
  }, [asked, announce]);

  if (stage === null || asked === null || dismissed === stage) return null;
  return {
    sentence,
    isLast: level === "last",
    rule,
    dismiss: () => setDismissed(stage),
  };
}
