// What stands where the terminal will be: start, progress, and why it cannot.

import Check from "lucide-react/icons/check";
import Loader from "lucide-react/icons/loader-circle";
import Play from "lucide-react/icons/play";
import { type ReactNode, useEffect, useState } from "react";
import type { Session } from "#wire/session.ts";
import { CheckButton } from "../doctor/check-button.tsx";
import { Button } from "../ui/button.tsx";
import { useAnnounce } from "../ui/news.tsx";
import { useNow } from "../ui/use-now.ts";
import { describeElapsed, describeProgress } from "./progress.ts";
import { describeEnding } from "./session-sentences.ts";
import styles from "./panels.module.css";

/** Where the focus goes when the session that held it has ended. */
export const startAgainId = "start-again";

export function Panel({ children }: { children: ReactNode }) {
  return (
    <div className={styles["stage"]}>
      <div className={styles["panel"]}>{children}</div>
    </div>
  );
}

export function StartPanel({ onStart, note }: { onStart: () => void; note: ReactNode }) {
  return (
    <Panel>
      <h2>Your lab</h2>
      <p>
        A Linux container of your own with Docker inside. The challenge’s files are in <code>/workspace</code>. It has
        no internet, and it ends after a few hours, or sooner when nobody uses it: the time left stands above.
      </p>
      {note}
      <Button look="primary" onClick={onStart} autoFocus>
        <Play aria-hidden="true" />
        Start the lab
      </Button>
    </Panel>
  );
}

export function ProgressPanel({ session }: { session: Session | null }) {
  const now = useNow(250);
  const [since] = useState(() => Date.now());
  const announce = useAnnounce();
  const steps = describeProgress(session);
  const active = steps.find(({ status }) => status === "active")?.title ?? "";
  const elapsed = describeElapsed(now - since);
  useEffect(() => announce(active), [active, announce]);
  return (
    <Panel>
      <h2>
        Starting your lab
        {elapsed === null ? null : <span className={styles["elapsed"]}>{elapsed}</span>}
      </h2>
      <ol className={styles["steps"]}>
        {steps.map(({ name, title, status }) => (
          <li key={name} data-status={status} aria-current={status === "active" ? "step" : undefined}>
            <span className={styles["sign"]}>
              {status === "done" ? <Check aria-hidden="true" /> : null}
              {status === "active" ? <Loader aria-hidden="true" /> : null}
            </span>
            {title}
          </li>
        ))}
      </ol>
    </Panel>
  );
}

export function EndedPanel({
  session,
  isBusy,
  onStart,
  wasReady,
}: {
  session: Session;
  isBusy: boolean;
  onStart: () => void;
  wasReady: boolean;
}) {
  const { title, message, next } = describeEnding(session, wasReady);
  const announce = useAnnounce();
  useEffect(() => announce(`${title}. ${message}`), [title, message, announce]);
  const content = (
    <>
      <div className={styles["words"]}>
        <h2>{title}</h2>
        {message === "" ? null : <p className={styles["reason"]}>{message}</p>}
        <p>{next}</p>
      </div>
      <div className={styles["actions"]}>
        <Button id={startAgainId} look="primary" isBusy={isBusy} onClick={onStart}>
          {isBusy ? "Starting" : "Start again"}
        </Button>
        {session.state === "failed" ? <CheckButton /> : null}
      </div>
    </>
  );
  return wasReady ? <div className={styles["compact"]}>{content}</div> : <Panel>{content}</Panel>;
}
