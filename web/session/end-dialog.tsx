// Asks before a session ends, since its container and files end with it.

import { useState } from "react";
import { describeProblem } from "../api/problem.ts";
import { Button } from "../ui/button.tsx";
import { ConfirmDialog } from "../ui/confirm-dialog.tsx";
import { Notice } from "../ui/notice.tsx";
import { startAgainId } from "./panels.tsx";

export function EndDialog({
  isOpen,
  onClose,
  onEnd,
}: {
  isOpen: boolean;
  onClose: () => void;
  onEnd: () => Promise<void>;
}) {
  const [isBusy, setIsBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);

  async function end(): Promise<void> {
    setIsBusy(true);
    setFailure(null);
    try {
      await onEnd();
      onClose();
    } catch (error) {
      setFailure(error);
    } finally {
      setIsBusy(false);
    }
  }

  const problem = failure === null ? null : describeProblem(failure);
  return (
    <ConfirmDialog
      isOpen={isOpen}
      onClose={onClose}
      finalFocus={() => document.getElementById(startAgainId)}
      title="End this session?"
      actions={
        <>
          <Button onClick={onClose}>Keep working</Button>
          <Button look="danger" isBusy={isBusy} onClick={() => void end()}>
            End and delete files
          </Button>
        </>
      }
    >
      <p>
        Your container ends, and everything in it is deleted: the files in <code>/workspace</code> and your home, images
        you built, containers you started. Nothing of it can be brought back.
      </p>
      {problem === null ? null : <Notice tone="bad" title={problem.title} detail={problem.detail} isAlert />}
    </ConfirmDialog>
  );
}
