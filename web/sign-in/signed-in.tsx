// Lets signed-in readers through to a page and sends others to sign in, coming back here afterwards.

import { type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { Outlet, useNavigate, useRouter } from "@tanstack/react-router";
import { useEffect } from "react";
import { describeProblem } from "../api/problem.ts";
import { challengesQuery, currentSessionQuery, meQuery } from "../api/queries.ts";
import { CheckButton } from "../doctor/check-button.tsx";
import { Button } from "../ui/button.tsx";
import { Notice } from "../ui/notice.tsx";
import { useTitle } from "../ui/use-title.ts";
import { watchSignOut } from "./sign-out-news.ts";
import styles from "../ui/plain-page.module.css";

export function SignedIn() {
  const queryClient = useQueryClient();
  const me = useQuery(meQuery);
  const router = useRouter();
  const navigate = useNavigate();
  const isSignedIn = me.data !== undefined && me.data !== null;
  // What nearly every page needs is asked for together with who the reader is.
  useEffect(() => {
    void queryClient.prefetchQuery(challengesQuery);
    void queryClient.prefetchQuery(currentSessionQuery);
  }, [queryClient]);

  useEffect(() => watchSignOut(() => forgetReader(queryClient)), [queryClient]);

  const isSignedOut = me.data === null;
  useEffect(() => {
    if (!isSignedOut) return;
    const { href } = router.state.location;
    void navigate({ to: "/sign-in", search: href === "/" ? {} : { returnTo: href }, replace: true });
  }, [isSignedOut, navigate, router]);

  if (me.isError && !isSignedIn)
    return <Unknown error={me.error} isBusy={me.isFetching} retry={() => void me.refetch()} />;
  if (isSignedOut) return null;
  return <Outlet />;
}

/** It cannot be known who the reader is. */
function Unknown({ error, isBusy, retry }: { error: Error; isBusy: boolean; retry: () => void }) {
  const { title, detail } = describeProblem(error);
  useTitle(title);
  return (
    <main className={styles["page"]} id="main">
      <Notice tone="bad" title={title} detail={detail} isAlert>
        <Button look="primary" isBusy={isBusy} onClick={retry}>
          Try again
        </Button>
        <CheckButton />
      </Notice>
    </main>
  );
}

/** Leads to the sign-in page; what was known of the reader goes. */
function forgetReader(queryClient: QueryClient): void {
  const [me] = meQuery.queryKey;
  queryClient.setQueryData(meQuery.queryKey, null);
  queryClient.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== me });
}
