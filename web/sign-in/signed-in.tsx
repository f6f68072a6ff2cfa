// Lets signed-in readers through to a page and sends others to sign in, coming back here afterwards.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Navigate, Outlet, useLocation } from "@tanstack/react-router";
import { useEffect } from "react";
import { describeProblem } from "../api/problem.ts";
import { challengesQuery, currentSessionQuery, meQuery } from "../api/queries.ts";
import { Button } from "../ui/button.tsx";
import { Notice } from "../ui/notice.tsx";
import styles from "../ui/plain-page.module.css";

export function SignedIn() {
  const queryClient = useQueryClient();
  const me = useQuery(meQuery);
  const location = useLocation();
  const isSignedIn = me.data !== undefined && me.data !== null;
  // What nearly every page needs is asked for together with who the reader is.
  useEffect(() => {
    void queryClient.prefetchQuery(challengesQuery);
    void queryClient.prefetchQuery(currentSessionQuery);
  }, [queryClient]);

  if (me.isError && !isSignedIn) {
    const { title, detail } = describeProblem(me.error);
    return (
      <main className={styles["page"]} id="main">
        <Notice tone="bad" title={title} detail={detail} isAlert>
          <Button look="primary" isBusy={me.isFetching} onClick={() => void me.refetch()}>
            Try again
          </Button>
        </Notice>
      </main>
    );
  }
  if (me.data === null) {
    return <Navigate to="/sign-in" search={location.href === "/" ? {} : { returnTo: location.href }} replace />;
  }
  return <Outlet />;
}
