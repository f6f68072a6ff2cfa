// What is shown when a page of ours throws: what happened, and a way on.

import type { ErrorComponentProps } from "@tanstack/react-router";
import { describeProblem } from "../api/problem.ts";
import { Button } from "./button.tsx";
import { Notice } from "./notice.tsx";
import { useTitle } from "./use-title.ts";
import styles from "./plain-page.module.css";

export function Crash({ error }: ErrorComponentProps) {
  useTitle("Something went wrong");
  const { title, detail } = describeProblem(error);
  return (
    <main className={styles["page"]} id="main">
      <Notice tone="bad" title={title} detail={detail} isAlert>
        <Button look="primary" onClick={() => location.reload()}>
          Reload the page
        </Button>
      </Notice>
    </main>
  );
}
