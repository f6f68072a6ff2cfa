// One live region for the whole page: says changes of state to screen readers.

import { createContext, type ReactNode, useCallback, useContext, useState } from "react";

const AnnounceContext = createContext<(sentence: string) => void>(() => undefined);

/** Says a sentence once; saying the same again is heard again. */
export function useAnnounce(): (sentence: string) => void {
  return useContext(AnnounceContext);
}

export function ScreenReaderNews({ children }: { children: ReactNode }) {
  const [{ sentence, count }, setNews] = useState({ sentence: "", count: 0 });
  const announce = useCallback((next: string) => setNews((news) => ({ sentence: next, count: news.count + 1 })), []);
  return (
    <AnnounceContext value={announce}>
      {children}
      <div className="visually-hidden" aria-live="polite" role="status">
        <span key={count}>{sentence}</span>
      </div>
    </AnnounceContext>
  );
}
