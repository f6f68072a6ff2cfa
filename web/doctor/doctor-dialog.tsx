// The connection doctor: each part of the way to the lab on a line of its own, and a report to copy.

import { Dialog } from "@base-ui/react/dialog";
import { useQuery } from "@tanstack/react-query";
import Check from "lucide-react/icons/check";
import Loader from "lucide-react/icons/loader-circle";
import Minus from "lucide-react/icons/minus";
import TriangleAlert from "lucide-react/icons/triangle-alert";
import X from "lucide-react/icons/x";
import { useEffect, useState } from "react";
import { meQuery } from "../api/queries.ts";
import { readSocketLog } from "../session/socket-log.ts";
import { Button, IconButton } from "../ui/button.tsx";
import { useCopyText } from "../ui/copy-text.ts";
import { useAnnounce } from "../ui/news.tsx";
import { readBrowserFacts } from "./browser-facts.ts";
import { checkTitles, type Finding, type Line as DoctorLine, readLines, summarize } from "./finding.ts";
import { describeSocketLog, type Fact, writeReport } from "./report.ts";
import { useExamination } from "./use-examination.ts";
import styles from "./doctor-dialog.module.css";

const COPIED_SHOWN_MS = 2_000;

const signs: Readonly<Record<Finding["status"], { Icon: typeof Check; spoken: string }>> = {
  pending: { Icon: Loader, spoken: "Looking" },
  ok: { Icon: Check, spoken: "Works" },
  slow: { Icon: TriangleAlert, spoken: "Slow" },
  failed: { Icon: X, spoken: "Does not work" },
  skipped: { Icon: Minus, spoken: "Not looked at" },
};

export function DoctorDialog({ onClose }: { onClose: () => void }) {
  const { data: me } = useQuery({ ...meQuery, enabled: false });
  const login = me?.login ?? null;
  const { findings, clock, again } = useExamination(login);
  const announce = useAnnounce();
  const summary = summarize(findings);
  const log = readSocketLog();
  const facts: Fact[] = [
    { name: "Signed in as", value: login ?? "nobody, as far as this page knows" },
    ...readBrowserFacts(clock),
  ];
  const isBusy = summary.tone === "busy";
  useEffect(() => announce(summary.text), [summary.text, announce]);
  return (
    <Dialog.Root open onOpenChange={(next) => (next ? undefined : onClose())}>
      <Dialog.Portal>
        <Dialog.Backdrop className={styles["backdrop"]} />
        <Dialog.Popup className={styles["popup"]}>
          <header className={styles["head"]}>
            <div>
              <Dialog.Title className={styles["title"]}>Connection check</Dialog.Title>
              <Dialog.Description className={styles["summary"]} data-tone={summary.tone}>
                {summary.text}
              </Dialog.Description>
            </div>
            <Dialog.Close render={<IconButton label="Close" />}>
              <X aria-hidden="true" />
            </Dialog.Close>
          </header>
          <div className={styles["body"]}>
            <ol className={styles["checks"]} aria-busy={isBusy}>
              {readLines(findings).map((line) => (
                <Line key={line.name} {...line} />
              ))}
            </ol>
            <section className={styles["aside"]} aria-labelledby="doctor-log">
              <h3 id="doctor-log">This page’s own connection, in UTC</h3>
              <ul className={styles["log"]}>
                {describeSocketLog(log).map((line, index) => (
                  // Several ends in one second read alike.
                  <li key={`${index} ${line}`}>{line}</li>
                ))}
              </ul>
            </section>
            <section className={styles["aside"]} aria-labelledby="doctor-facts">
              <h3 id="doctor-facts">This browser</h3>
              <dl className={styles["facts"]}>
                {facts.map(({ name, value }) => (
                  <div key={name}>
                    <dt>{name}</dt>
                    <dd>{value}</dd>
                  </div>
                ))}
              </dl>
            </section>
          </div>
          <footer className={styles["foot"]}>
            <p>The report has no password or cookie in it.</p>
            <Button isBusy={isBusy} onClick={again}>
              Check again
            </Button>
            <CopyButton report={() => writeReport(findings, readSocketLog(), facts, Date.now())} />
          </footer>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Line({ name, finding, advice }: DoctorLine) {
  const { Icon, spoken } = signs[finding.status];
  return (
    <li className={styles["check"]} data-status={finding.status}>
      <Icon className={styles["sign"]} aria-hidden="true" />
      <span className={styles["name"]}>
        {checkTitles[name]}
        <span className="visually-hidden">: {spoken}.</span>
      </span>
      <span className={styles["value"]}>{finding.status === "pending" ? "" : finding.value}</span>
      {advice === null ? null : <p className={styles["advice"]}>{advice}</p>}
    </li>
  );
}

function CopyButton({ report }: { report: () => string }) {
  const copyText = useCopyText();
  const [isCopied, setIsCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setIsCopied(false), COPIED_SHOWN_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  return (
    <Button look="primary" onClick={() => void copyText(report()).then(setIsCopied)}>
      {isCopied ? "Copied" : "Copy report"}
    </Button>
  );
}
