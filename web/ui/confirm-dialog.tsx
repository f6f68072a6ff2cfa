// A dialog that must be answered: focus goes in, stays in, and comes back.

import { AlertDialog } from "@base-ui/react/alert-dialog";
import type { ReactNode } from "react";
import styles from "./confirm-dialog.module.css";

type ConfirmDialogProps = {
  isOpen: boolean;
  onClose: () => void;
  /** Where the focus goes afterwards; null: back to where it came from. */
  finalFocus?: () => HTMLElement | null;
  title: string;
  actions: ReactNode;
  children: ReactNode;
};

export function ConfirmDialog({ isOpen, onClose, finalFocus, title, actions, children }: ConfirmDialogProps) {
  return (
    <AlertDialog.Root open={isOpen} onOpenChange={(next) => (next ? undefined : onClose())}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className={styles["backdrop"]} />
        <AlertDialog.Popup className={styles["popup"]} finalFocus={() => finalFocus?.() ?? true}>
          <AlertDialog.Title className={styles["title"]}>{title}</AlertDialog.Title>
          <AlertDialog.Description className={styles["words"]} render={<div />}>
            {children}
          </AlertDialog.Description>
          <div className={styles["actions"]}>{actions}</div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
