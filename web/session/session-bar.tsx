// The session in the top bar: how it stands, on which host, how long it lasts, and its end.

import ChevronDown from "lucide-react/icons/chevron-down";
import Power from "lucide-react/icons/power";
import { useEffect, useState } from "react";
import { finalStates } from "#wire/session.ts";
import { openDoctor } from "../doctor/door.ts";
import { Button } from "../ui/button.tsx";
import { useAnnounce } from "../ui/news.tsx";
import { useIsOnline } from "../ui/use-is-online.ts";
import { useNow } from "../ui/use-now.ts";
import { EndDialog } from "./end-dialog.tsx";
import type { LabSnapshot } from "./lab.ts";
import { nameHost } from "./progress.ts";
import { describeNews, describeStatus, nameState, nameStatus } from "./session-sentences.ts";
import { SessionTime } from "./session-time.tsx";
import type { Extension } from "./use-extension.ts";
import styles from "./session-bar.module.css";

type SessionBarProps = { snapshot: LabSnapshot; extension: Extension; onEnd: () => Promise<void> };

export function SessionBar({ snapshot, extension, onEnd }: SessionBarProps) {
  const { session, connection } = snapshot;
  const now = useNow(1_000);
  const isOnline = useIsOnline();
  const announce = useAnnounce();
  const [isEnding, setIsEnding] = useState(false);
  const isOver = finalStates.has(session.state);
  const { tone } = describeStatus(session, connection, now, isOnline);
  const news = isOver ? null : describeNews(session, connection, isOnline);
  useEffect(() => {
    if (news !== null) announce(news);
  }, [news, announce]);
  const text = isOver ? nameState(session.state) : nameStatus(session, connection, isOnline);
  return (
    <>
      <button
        type="button"
        className={styles["status"]}
        aria-haspopup="dialog"
        data-tone={isOver ? "over" : tone}
        title={`${text}. Check the connection`}
        onClick={openDoctor}
      >
        <span className={styles["dot"]} aria-hidden="true" />
        <span className={styles["text"]}>{text}</span>
        {session.host === null || isOver ? null : <span className={styles["host"]}>on {nameHost(session.host)}</span>}
        <ChevronDown className={styles["caret"]} aria-hidden="true" />
      </button>
      {isOver ? null : (
        <>
          <SessionTime snapshot={snapshot} extension={extension} />
          <Button isSmall onClick={() => setIsEnding(true)} aria-label="End session">
            <Power aria-hidden="true" />
            <span className={styles["end"]}>End session</span>
          </Button>
        </>
      )}
      <EndDialog isOpen={isEnding && !isOver} onClose={() => setIsEnding(false)} onEnd={onEnd} />
    </>
  );
}
