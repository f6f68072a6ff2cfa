// What was typed into a shell that is gone: shown so that it can be copied, never sent.

import { Button } from "../ui/button.tsx";
import { useAnnounce } from "../ui/news.tsx";
import styles from "./unsent-notice.module.css";

export function UnsentNotice({ text, onDismiss }: { text: string; onDismiss: () => void }) {
  const announce = useAnnounce();
  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      announce("Copied.");
    } catch (error) {
      console.info(error);
      announce("The browser refused to copy. Select the text and copy it yourself.");
    }
  }
  return (
    <div className={styles["notice"]} role="alert">
      <p>This was typed into a shell that is gone, so it was not sent:</p>
      <pre>{text}</pre>
      <div className={styles["actions"]}>
        <Button isSmall onClick={() => void copy()}>
          Copy
        </Button>
        <Button isSmall look="quiet" onClick={onDismiss}>
          Dismiss
        </Button>
      </div>
    </div>
  );
}
