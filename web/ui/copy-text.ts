// Copies text where the browser allows it, and says how it went.

import { useCallback } from "react";
import { noteLimit } from "../page-log.ts";
import { useAnnounce } from "./news.tsx";

/** True when the text is on the clipboard. */
export function useCopyText(): (text: string) => Promise<boolean> {
  const announce = useAnnounce();
  return useCallback(
    async (text) => {
      try {
        await navigator.clipboard.writeText(text);
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
