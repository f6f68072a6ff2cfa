// The learner's lab on one challenge's page: found when it runs, opened when asked for, followed until it ends.

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import { finalStates, type Session } from "#wire/session.ts";
import { endSession, openSession } from "../api/mutations.ts";
import { Problem } from "../api/problem.ts";
import { currentSessionQuery, meQuery } from "../api/queries.ts";
import { askSession } from "./ask-session.ts";
import { Lab, type LabSnapshot } from "./lab.ts";

const watchNothing = (): (() => void) => () => undefined;
const readNothing = (): null => null;

export type LabHandle = {
  lab: Lab | null;
  snapshot: LabSnapshot | null;
  /** True until it is known whether a session is open. */
  isLoading: boolean;
  loadError: Error | null;
  reload: () => void;
  /** The slug of another challenge that is open, as far as is known. */
  otherChallenge: string | null;
  isOpening: boolean;
  openingError: Error | null;
  open: () => void;
  forgetOpeningError: () => void;
  end: () => Promise<void>;
};

export function useLab(slug: string): LabHandle {
  const queryClient = useQueryClient();
  const current = useQuery(currentSessionQuery);
  const [lab, setLab] = useState<Lab | null>(null);
  const snapshot = useSyncExternalStore<LabSnapshot | null>(lab?.watch ?? watchNothing, lab?.read ?? readNothing);
  const wish = useRef<string | null>(null);

  function adopt(session: Session): void {
    queryClient.setQueryData(currentSessionQuery.queryKey, session);
    setLab(new Lab(session));
  }

  const opening = useMutation({
    mutationFn: () => {
      wish.current ??= crypto.randomUUID();
      return openSession(slug, wish.current);
    },
    retry: (failures, error) => failures < 2 && isOffline(error),
    retryDelay: 500,
    onSuccess: adopt,
    // An unanswered wish may have been granted: asking again must be the same wish.
    onSettled: (_session, error) => {
      if (error === null || !isOffline(error)) wish.current = null;
    },
  });

  useEffect(() => {
    const session = current.data;
    if (session === undefined || session === null || session.challengeId !== slug) return;
    setLab((known) =>
      known === null || (known.read().session.id !== session.id && isOver(known)) ? new Lab(session) : known,
    );
  }, [current.data, slug]);

  useEffect(() => {
    lab?.start();
    return () => lab?.stop();
  }, [lab]);

  const state = snapshot?.session.state;
  useEffect(() => {
    if (state !== undefined && finalStates.has(state)) queryClient.setQueryData(currentSessionQuery.queryKey, null);
  }, [state, queryClient]);

  const connection = snapshot?.connection;
  const afterClose = connection?.name === "over" ? connection.next : null;
  useEffect(() => {
    if (lab === null) return;
    if (afterClose === "reopen") void askSession(lab);
    if (afterClose === "sign_in") void queryClient.invalidateQueries({ queryKey: meQuery.queryKey });
  }, [lab, afterClose, queryClient]);

  const other = current.data?.challengeId;
  return {
    lab,
    snapshot,
    isLoading: current.isPending && lab === null,
    loadError: lab === null ? current.error : null,
    reload: () => void current.refetch(),
    otherChallenge: other === undefined || other === null || other === slug ? null : other,
    isOpening: opening.isPending,
    openingError: opening.error,
    open: () => opening.mutate(),
    forgetOpeningError: () => opening.reset(),
    end: async () => {
      if (lab === null) return;
      await endSession(lab.read().session.id);
      await askSession(lab);
    },
  };
}

function isOffline(error: unknown): boolean {
  return error instanceof Problem && error.code === "offline";
}

function isOver(lab: Lab): boolean {
  return finalStates.has(lab.read().session.state);
}
