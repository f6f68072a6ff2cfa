// The right half of a challenge's page: the lab in whatever state it is.

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { finalStates } from "#wire/session.ts";
import { readBlockingChallenge } from "../api/mutations.ts";
import { describeProblem, isMissingChallenge } from "../api/problem.ts";
import { challengesQuery } from "../api/queries.ts";
import { CheckButton } from "../doctor/check-button.tsx";
import { ConflictDialog } from "../session/conflict-dialog.tsx";
import { EndedPanel, Panel, ProgressPanel, StartPanel } from "../session/panels.tsx";
import type { LabHandle } from "../session/use-lab.ts";
import { Button } from "../ui/button.tsx";
import { Notice } from "../ui/notice.tsx";
import { MissingChallenge } from "./missing-challenge.tsx";
import styles from "./lab-pane.module.css";

const importTerminal = () =>
  import("../terminal/terminal-pane.tsx").then(({ TerminalPane }) => ({ default: TerminalPane }));
const TerminalPane = lazy(importTerminal);

type LabPaneProps = {
  handle: LabHandle;
  /** False until it is known that there is such a challenge, or that it cannot be known. */
  mayStart: boolean;
  onTyper: (type: ((text: string) => void) | null) => void;
};

export function LabPane({ handle, mayStart, onTyper }: LabPaneProps) {
  const blocking = readBlockingChallenge(handle.openingError);
  return (
    <div className={styles["pane"]}>
      <Content handle={handle} mayStart={mayStart} onTyper={onTyper} />
      <ConflictDialog slug={blocking} onClose={handle.forgetOpeningError} />
    </div>
  );
}

function start(handle: LabHandle): void {
  // The terminal's code comes while the container starts.
  void importTerminal();
  handle.open();
}

function Content({ handle, mayStart, onTyper }: LabPaneProps) {
  const { lab, snapshot, isOpening, openingError } = handle;
  if (openingError !== null && !isOpening && readBlockingChallenge(openingError) === null) {
    if (isMissingChallenge(openingError)) return <Gone />;
    const { title, detail } = describeProblem(openingError);
    return <Failed title={title} detail={detail} retry={() => start(handle)} />;
  }
  if (lab === null || snapshot === null) {
    if (isOpening) return <ProgressPanel session={null} />;
    if (handle.loadError !== null) {
      const { title, detail } = describeProblem(handle.loadError);
      return <Failed title={title} detail={detail} retry={handle.reload} />;
    }
    if (handle.isLoading || !mayStart) return <div aria-busy="true" />;
    return <StartPanel onStart={() => start(handle)} note={<OtherChallenge slug={handle.otherChallenge} />} />;
  }
  const isOver = finalStates.has(snapshot.session.state);
  return (
    <>
      {isOver ? (
        <EndedPanel
          session={snapshot.session}
          isBusy={isOpening}
          onStart={() => start(handle)}
          wasReady={snapshot.wasReady}
        />
      ) : null}
      {snapshot.wasReady ? (
        <Suspense fallback={<div aria-busy="true" />}>
          <TerminalPane key={snapshot.session.id} lab={lab} snapshot={snapshot} isOver={isOver} onTyper={onTyper} />
        </Suspense>
      ) : null}
      {isOver || snapshot.wasReady ? null : <ProgressPanel session={snapshot.session} />}
    </>
  );
}

/** The challenge was there when the page came, and is not any more. */
function Gone() {
  return (
    <Panel>
      <MissingChallenge />
    </Panel>
  );
}

function Failed({ title, detail, retry }: { title: string; detail: string; retry: () => void }) {
  return (
    <Panel>
      <Notice tone="bad" title={title} detail={detail} isAlert>
        <Button isSmall onClick={retry}>
          Try again
        </Button>
        <CheckButton isSmall />
      </Notice>
    </Panel>
  );
}

function OtherChallenge({ slug }: { slug: string | null }) {
  const { data } = useQuery(challengesQuery);
  if (slug === null) return null;
  const title = data?.challenges.find((challenge) => challenge.slug === slug)?.title ?? slug;
  return (
    <p className={styles["note"]}>
      You are in{" "}
      <Link to="/challenges/$slug" params={{ slug }}>
        {title}
      </Link>
      . One challenge is open at a time.
    </p>
  );
}
