// Copies text where the browser allows it, and says how it went.

import { useCallback } from "react";
import { noteLimit } from "../page-log.ts";
import { useAnnounce } from "./news.tsx";

/** Pages that are not on https or loopback have no clipboard, only the old command. */
async function write(text: string): Promise<void> {
  if (window.isSecureContext) return navigator.clipboard.writeText(text);
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  const isCopied = document.execCommand("copy");
  field.remove();
  if (!isCopied) throw new Error("The copy command had no effect.");
}

/** True when the text is on the clipboard. */
export function useCopyText(): (text: string) => Promise<boolean> {
  const announce = useAnnounce();
  return useCallback(
    async (text) => {
      try {
        await write(text);
        announce("Copied.");
        return true;
      } catch (error) {
        noteLimit("The browser refused to copy.", error);
        announce("The browser refused to copy. Select the text and copy it yourself.");
        return false;
      }
    },
    [announce],
  );
}
