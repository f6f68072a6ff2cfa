// Asks before a live terminal is closed, since what runs in it ends and cannot be seen from here.

import { useState } from "react";
import { Button } from "../ui/button.tsx";
import { ConfirmDialog } from "../ui/confirm-dialog.tsx";
import { nameTerminal } from "./terminal-sentences.ts";

type EndTerminalDialogProps = { terminal: number | null; onClose: () => void; onEnd: () => void };

export function EndTerminalDialog({ terminal, onClose, onEnd }: EndTerminalDialogProps) {
  // The name stays while the dialog goes.
  const [named, setNamed] = useState(0);
  if (terminal !== null && terminal !== named) setNamed(terminal);
  return (
    <ConfirmDialog
      isOpen={terminal !== null}
      onClose={onClose}
      title={`Close ${nameTerminal(named)}?`}
      actions={
        <>
          <Button onClick={onClose}>Keep it</Button>
          <Button look="danger" onClick={onEnd}>
            Close terminal
          </Button>
        </>
      }
    >
      <p>Its shell ends, and whatever runs in it, in every tab that shows it. Your files stay.</p>
    </ConfirmDialog>
  );
}
