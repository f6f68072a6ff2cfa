// Says that another challenge is open, which one, and how to get there.

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { challengesQuery } from "../api/queries.ts";
import { Button, buttonClass } from "../ui/button.tsx";
import { ConfirmDialog } from "../ui/confirm-dialog.tsx";

export function ConflictDialog({ slug, onClose }: { slug: string | null; onClose: () => void }) {
  const { data } = useQuery(challengesQuery);
  const title = data?.challenges.find((challenge) => challenge.slug === slug)?.title ?? slug ?? "";
  return (
    <ConfirmDialog
      isOpen={slug !== null}
      onClose={onClose}
      title={`“${title}” is still open`}
      actions={
        <>
          <Button onClick={onClose}>Stay here</Button>
          {slug === null ? null : (
            <Link to="/challenges/$slug" params={{ slug }} className={buttonClass("primary")}>
              Go to “{title}”
            </Link>
          )}
        </>
      }
    >
      <p>
        You have one lab container, and it holds one challenge at a time. Go back to it, or end its session there and
        then start this one.
      </p>
    </ConfirmDialog>
  );
}
