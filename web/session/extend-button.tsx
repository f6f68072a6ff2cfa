// The way to more time: can be reached and says why also while it is not taken yet; nothing once it never is again.

import { useId } from "react";
import type { Session } from "#wire/session.ts";
import { Button } from "../ui/button.tsx";
import { nameTime } from "../ui/clock.ts";
import { describeExtendability } from "./countdown.ts";
import type { Extension } from "./use-extension.ts";
import styles from "./extend-button.module.css";

type ExtendButtonProps = {
  session: Session;
  extension: Extension;
  /** The edge's time. */
  now: number;
};

export function ExtendButton({ session, extension, now }: ExtendButtonProps) {
  const reasonId = useId();
  const extendability = describeExtendability(session.extendableAt, now, nameTime);
  if (extendability === null) return null;
  const reason = extension.problem ?? extendability.reason;
  return (
    <div className={styles["extend"]}>
      {reason === "" ? null : (
        <span className={styles["reason"]} id={reasonId} data-failed={extension.problem !== null}>
          {reason}
        </span>
      )}
      <Button
        isSmall
        isBusy={extension.isBusy}
        isDisabled={!extendability.isPossible}
        aria-describedby={reason === "" ? undefined : reasonId}
        onClick={extension.extend}
      >
        Extend
      </Button>
    </div>
  );
}
