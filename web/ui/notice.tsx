// A framed sentence about the page's own state, with what can be done about it.

import type { ReactNode } from "react";
import styles from "./notice.module.css";

type NoticeProps = {
  tone: "neutral" | "good" | "warning" | "bad";
  title: string;
  detail?: string;
  isAlert?: boolean;
  children?: ReactNode;
};

export function Notice({ tone, title, detail, isAlert = false, children }: NoticeProps) {
  return (
    <div className={styles["notice"]} data-tone={tone} role={isAlert ? "alert" : undefined}>
      <div className={styles["words"]}>
        <p className={styles["title"]}>{title}</p>
        {detail === undefined || detail === "" ? null : <p className={styles["detail"]}>{detail}</p>}
      </div>
      {children === undefined ? null : <div className={styles["actions"]}>{children}</div>}
    </div>
  );
}
