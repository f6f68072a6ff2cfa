// What was typed into a shell that is gone: shown so that it can be copied, never sent.

import { Button } from "../ui/button.tsx";
import { useCopyText } from "../ui/copy-text.ts";
import styles from "./unsent-notice.module.css";

export function UnsentNotice({ text, onDismiss }: { text: string; onDismiss: () => void }) {
  const copyText = useCopyText();
  return (
    <div className={styles["notice"]} role="alert">
      <p>This was typed into a shell that is gone, so it was not sent:</p>
      <pre>{text}</pre>
      <div className={styles["actions"]}>
        <Button isSmall onClick={() => void copyText(text)}>
          Copy
        </Button>
        <Button isSmall look="quiet" onClick={onDismiss}>
          Dismiss
        </Button>
      </div>
    </div>
  );
}
