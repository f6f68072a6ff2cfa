// A block of code in a task: copy it, or have a command typed into the terminal.

import Check from "lucide-react/icons/check";
import Copy from "lucide-react/icons/copy";
import CornerDownLeft from "lucide-react/icons/corner-down-left";
import { createContext, useContext, useEffect, useState } from "react";
import { useCopyText } from "../ui/copy-text.ts";
import styles from "./code-block.module.css";

const COPIED_SHOWN_MS = 1_500;
const NAMED_CHARACTERS = 60;
const shells: ReadonlySet<string> = new Set(["sh", "bash", "shell", "console"]);

/** Types text into the terminal; null while there is none. */
export const TypeContext = createContext<((text: string) => void) | null>(null);

/** A block is called by its first line that says something. */
export function nameCode(text: string): string {
  const line = (text.split("\n").find((one) => one.trim() !== "") ?? "empty").trim();
  return line.length > NAMED_CHARACTERS ? `${line.slice(0, NAMED_CHARACTERS - 1).trimEnd()}…` : line;
}

export function CodeBlock({ text, language }: { text: string; language: string }) {
  const type = useContext(TypeContext);
  const copyText = useCopyText();
  const [isCopied, setIsCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setIsCopied(false), COPIED_SHOWN_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);

  async function copy(): Promise<void> {
    if (await copyText(text)) setIsCopied(true);
  }

  const name = nameCode(text);
  return (
    <figure className={styles["block"]} aria-label={`Code: ${name}`}>
      <pre tabIndex={0}>
        <code>{text}</code>
      </pre>
      <figcaption className={styles["actions"]}>
        {shells.has(language) && type !== null ? (
          <button
            type="button"
            aria-label={`To terminal: ${name}`}
            onClick={() => type(text)}
            title="Types this into the terminal; you press Enter"
          >
            <CornerDownLeft aria-hidden="true" />
            To terminal
          </button>
        ) : null}
        <button type="button" aria-label={`${isCopied ? "Copied" : "Copy"}: ${name}`} onClick={() => void copy()}>
          {isCopied ? <Check aria-hidden="true" /> : <Copy aria-hidden="true" />}
          {isCopied ? "Copied" : "Copy"}
        </button>
      </figcaption>
    </figure>
  );
}
