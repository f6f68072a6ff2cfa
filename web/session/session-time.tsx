// How long the session still lasts, in the bar; behind it the whole rule and the way to more time.

import { Popover } from "@base-ui/react/popover";
import { describeLabLimits } from "#wire/lab-limits.ts";
import { readEdgeTime } from "../api/edge-clock.ts";
import { nameTime } from "../ui/clock.ts";
import { useNow } from "../ui/use-now.ts";
import { describeLengths, latestEnd, readCountdown } from "./countdown.ts";
import { ExtendButton } from "./extend-button.tsx";
import type { LabSnapshot } from "./lab.ts";
import type { Extension } from "./use-extension.ts";
import styles from "./session-time.module.css";

/** Where the focus goes when a notice that held it is put away. */
export const sessionTimeId = "session-time";

export function SessionTime({ snapshot, extension }: { snapshot: LabSnapshot; extension: Extension }) {
  const now = readEdgeTime(useNow(1_000));
  const { session, idleMs } = snapshot;
  const { level, text } = readCountdown(session, idleMs, now);
  return (
    <Popover.Root>
      <Popover.Trigger
        id={sessionTimeId}
        className={styles["time"]}
        data-level={level}
        title="How long this session lasts"
      >
        {text}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner className={styles["positioner"]} side="bottom" align="end" sideOffset={6}>
          <Popover.Popup className={styles["panel"]}>
            <Popover.Title className={styles["head"]}>
              This session ends at {nameTime(latestEnd(session).at)}
            </Popover.Title>
            {describeLengths(session, nameTime).map((sentence) => (
              <p key={sentence}>{sentence}</p>
            ))}
            <ExtendButton session={session} extension={extension} now={now} />
            <p className={styles["limits"]}>{describeLabLimits()}</p>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
