// Who is signed in, the way to what the reader did, and the way out.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import Activity from "lucide-react/icons/activity";
import History from "lucide-react/icons/history";
import LogOut from "lucide-react/icons/log-out";
import { useState } from "react";
import { signOut } from "../api/mutations.ts";
import { describeProblem } from "../api/problem.ts";
import { meQuery } from "../api/queries.ts";
import { openDoctor } from "../doctor/door.ts";
import { iconClass, IconButton, nameIcon } from "../ui/button.tsx";
import { useAnnounce } from "../ui/news.tsx";
import { tellSignOut } from "./sign-out-news.ts";
import styles from "./reader-menu.module.css";

type ReaderMenuProps = {
  /** Without the name, where the bar has other things to show. */
  isCompact?: boolean;
  /** False where the bar leads to the connection's check by another button. */
  hasCheck?: boolean;
};

export function ReaderMenu({ isCompact = false, hasCheck = true }: ReaderMenuProps) {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const announce = useAnnounce();
  const { data: me } = useQuery(meQuery);
  const [problem, setProblem] = useState<string | null>(null);

  async function leave(): Promise<void> {
    try {
      await signOut();
      queryClient.clear();
      queryClient.setQueryData(meQuery.queryKey, null);
      await navigate({ to: "/sign-in" });
      tellSignOut();
    } catch (error) {
      const { title } = describeProblem(error);
      setProblem(title);
      announce(`You are still signed in. ${title}.`);
    }
  }

  return (
    <div className={styles["reader"]}>
      {problem === null ? null : <span className={styles["problem"]}>{problem}</span>}
      {isCompact ? null : (
        <span className={styles["name"]} title={me?.login}>
          {me?.name ?? ""}
        </span>
      )}
      <Link to="/history" className={`${iconClass} ${isCompact ? styles["spare"] : ""}`} {...nameIcon("Your sessions")}>
        <History aria-hidden="true" />
      </Link>
      {hasCheck ? (
        <IconButton label="Check the connection" onClick={openDoctor}>
          <Activity aria-hidden="true" />
        </IconButton>
      ) : null}
      <IconButton label={isCompact && me ? `Sign out, ${me.name}` : "Sign out"} onClick={() => void leave()}>
        <LogOut aria-hidden="true" />
      </IconButton>
    </div>
  );
}
