// One challenge: its task beside the learner's lab.

import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useCallback, useState } from "react";
import { finalStates } from "#wire/session.ts";
import { isMissingChallenge } from "../api/problem.ts";
import { challengeQuery } from "../api/queries.ts";
import { NoticeBar } from "../session/notice-bar.tsx";
import { SessionBar } from "../session/session-bar.tsx";
import { useExtension } from "../session/use-extension.ts";
import { useLab } from "../session/use-lab.ts";
import { ReaderMenu } from "../sign-in/reader-menu.tsx";
import { SplitPanes } from "../ui/split-panes.tsx";
import { TopBar } from "../ui/top-bar.tsx";
import { useTitle } from "../ui/use-title.ts";
import { useVisibleHeight } from "../ui/use-visible-height.ts";
import { TypeContext } from "./code-block.tsx";
import { LabPane } from "./lab-pane.tsx";
import { MissingChallenge } from "./missing-challenge.tsx";
import { TaskPane } from "./task-pane.tsx";
import styles from "./challenge-page.module.css";

export function ChallengePage() {
  const { slug } = useParams({ from: "/signed-in/challenges/$slug" });
  return <ChallengeWorkplace key={slug} slug={slug} />;
}

type Typer = (text: string) => void;

function ChallengeWorkplace({ slug }: { slug: string }) {
  const { data: challenge, isPending, error } = useQuery(challengeQuery(slug));
  const handle = useLab(slug);
  const extension = useExtension(handle.lab);
  const height = useVisibleHeight();
  const [shown, setShown] = useState<"start" | "end">("start");
  const [typer, setTyper] = useState<Typer | null>(null);
  const onTyper = useCallback((type: Typer | null) => setTyper(() => type), []);
  const isMissing = isMissingChallenge(error);
  useTitle(challenge?.title ?? (isMissing ? "No such challenge" : "Challenge"));
  const type = useCallback(
    (text: string) => {
      setShown("end");
      typer?.(text);
    },
    [typer],
  );
  const { lab, snapshot } = handle;
  return (
    <div className={styles["page"]} style={height === null ? undefined : { height }}>
      <TopBar
        end={
          <>
            {snapshot === null ? null : <SessionBar snapshot={snapshot} extension={extension} onEnd={handle.end} />}
            <ReaderMenu isCompact hasCheck={snapshot === null} />
          </>
        }
      >
        <span className={styles["title"]}>{challenge?.title ?? ""}</span>
      </TopBar>
      {lab === null || snapshot === null || finalStates.has(snapshot.session.state) ? null : (
        <NoticeBar key={snapshot.session.id} lab={lab} snapshot={snapshot} extension={extension} />
      )}
      <main className={styles["main"]} id="main">
        {isMissing && handle.lab === null ? (
          <div className={styles["missing"]}>
            <MissingChallenge />
          </div>
        ) : (
          <TypeContext value={typer === null ? null : type}>
            <SplitPanes
              shown={shown}
              onShow={setShown}
              start={{ title: "Task", content: <TaskPane slug={slug} /> }}
              end={{ title: "Terminal", content: <LabPane handle={handle} mayStart={!isPending} onTyper={onTyper} /> }}
            />
          </TypeContext>
        )}
      </main>
    </div>
  );
}
