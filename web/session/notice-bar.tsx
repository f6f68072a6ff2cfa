// What a learner is told of the lab while it goes on: under the bar of the page, over nothing, until it is put away.

import CircleAlert from "lucide-react/icons/circle-alert";
import Clock from "lucide-react/icons/clock";
import Info from "lucide-react/icons/info";
import TriangleAlert from "lucide-react/icons/triangle-alert";
import X from "lucide-react/icons/x";
import { type MouseEvent, type ReactNode, useEffect, useRef, useState } from "react";
import type { DeadlineRule } from "#wire/session-deadline.ts";
import type { Notice, Session } from "#wire/session.ts";
import { readEdgeTime } from "../api/edge-clock.ts";
import { Button, IconButton } from "../ui/button.tsx";
import { useAnnounce } from "../ui/news.tsx";
import { useIsNarrow } from "../ui/use-is-narrow.ts";
import { useNow } from "../ui/use-now.ts";
import { ExtendButton } from "./extend-button.tsx";
import type { Lab, LabSnapshot } from "./lab.ts";
import { nameNotice, type NoticeTone } from "./notice-sentences.ts";
import { sessionTimeId } from "./session-time.tsx";
import { useEndWarning } from "./use-end-warning.ts";
import type { Extension } from "./use-extension.ts";
import styles from "./notice-bar.module.css";

/** More wait behind a button. */
const ROWS_SHOWN = { wide: 3, narrow: 1 };

const signs: Record<NoticeTone, ReactNode> = {
  neutral: <Info aria-hidden="true" />,
  warning: <TriangleAlert aria-hidden="true" />,
  bad: <CircleAlert aria-hidden="true" />,
};

export function NoticeBar({ lab, snapshot, extension }: { lab: Lab; snapshot: LabSnapshot; extension: Extension }) {
  const now = readEdgeTime(useNow(1_000));
  const [isOpen, setIsOpen] = useState(false);
  const rowsShown = useIsNarrow() ? ROWS_SHOWN.narrow : ROWS_SHOWN.wide;
  const warning = useEndWarning(lab, snapshot, now);
  const notices = snapshot.notices.filter(({ code }) => code !== "ends_soon");
  useAnnounceNotices(notices);
  const rows = notices.map(({ code, message }) => {
    const { tone, name } = nameNotice(code);
    return (
      <Row key={code} tone={tone} sign={signs[tone]} name={name} onDismiss={() => lab.dismissNotice(code)}>
        {message}
      </Row>
    );
  });
  if (warning !== null) {
    rows.unshift(
      <Row
        key="ends_soon"
        tone={warning.isLast ? "bad" : "warning"}
        sign={<Clock aria-hidden="true" />}
        name={nameNotice("ends_soon").name}
        actions={<MoreTime rule={warning.rule} session={snapshot.session} extension={extension} now={now} />}
        onDismiss={warning.dismiss}
      >
        {warning.sentence}
      </Row>,
    );
  }
  if (rows.length === 0) return null;
  const hidden = rows.length - rowsShown;
  return (
    <section className={styles["bar"]} aria-label="Notices">
      <ul className={styles["rows"]}>{isOpen ? rows : rows.slice(0, rowsShown)}</ul>
      {hidden > 0 ? (
        <div className={styles["more"]}>
          <Button isSmall look="quiet" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
            {isOpen ? "Show fewer" : `Show ${hidden} more`}
          </Button>
        </div>
      ) : null}
    </section>
  );
}

type MoreTimeProps = { rule: DeadlineRule; session: Session; extension: Extension; now: number };

function MoreTime({ rule, session, extension, now }: MoreTimeProps) {
  switch (rule) {
    case "idle":
      return (
        <>
          {extension.problem === null ? null : <span className={styles["problem"]}>{extension.problem}</span>}
          <Button isSmall isBusy={extension.isBusy} onClick={extension.stay}>
            I am still here
          </Button>
        </>
      );
    case "total":
      return <ExtendButton session={session} extension={extension} now={now} />;
    case "most":
      return null;
  }
}

/** Each is said when it comes and when it says something else. */
function useAnnounceNotices(notices: readonly Notice[]): void {
  const announce = useAnnounce();
  const said = useRef(new Set<string>());
  const news = notices.map(({ message }) => message).join("\n");
  useEffect(() => {
    const current = news === "" ? [] : news.split("\n");
    const unsaid = current.filter((sentence) => !said.current.has(sentence));
    said.current = new Set(current);
    if (unsaid.length > 0) announce(unsaid.join(" "));
  }, [news, announce]);
}

type RowProps = {
  tone: NoticeTone;
  sign: ReactNode;
  /** What it is put away by. */
  name: string;
  actions?: ReactNode;
  onDismiss: () => void;
  children: string;
};

function Row({ tone, sign, name, actions, onDismiss, children }: RowProps) {
  function dismiss(event: MouseEvent<HTMLButtonElement>): void {
    const row = event.currentTarget.closest("li");
    const next = row?.nextElementSibling ?? row?.previousElementSibling;
    // A keyboard's press has no count; its focus would be lost with the row.
    if (event.detail === 0)
      (next?.querySelector<HTMLElement>("button:last-of-type") ?? document.getElementById(sessionTimeId))?.focus();
    onDismiss();
  }
  return (
    <li className={styles["row"]} data-tone={tone}>
      <span className={styles["sign"]}>{sign}</span>
      <p className={styles["words"]}>{children}</p>
      {actions === null || actions === undefined ? null : <div className={styles["actions"]}>{actions}</div>}
      <IconButton label={`Dismiss: ${name}`} onClick={dismiss}>
        <X aria-hidden="true" />
      </IconButton>
    </li>
  );
}
