// The live regions of the whole page: say changes of state to screen readers.

import { createContext, type ReactNode, useCallback, useContext, useState } from "react";

/** `assertive` breaks into what is being read: for what cannot wait. */
type Urgency = "polite" | "assertive";
type Announce = (sentence: string, urgency?: Urgency) => void;

const AnnounceContext = createContext<Announce>(() => undefined);

/** Says a sentence once; saying the same again is heard again. */
export function useAnnounce(): Announce {
  return useContext(AnnounceContext);
}

type News = { sentence: string; count: number };
const noNews: News = { sentence: "", count: 0 };

export function ScreenReaderNews({ children }: { children: ReactNode }) {
  const [polite, setPolite] = useState(noNews);
  const [assertive, setAssertive] = useState(noNews);
  const announce = useCallback<Announce>((sentence, urgency = "polite") => {
    const say = urgency === "polite" ? setPolite : setAssertive;
    say(({ count }) => ({ sentence, count: count + 1 }));
  }, []);
  return (
    <AnnounceContext value={announce}>
      {children}
      <div className="visually-hidden" aria-live="polite" role="status">
        <span key={polite.count}>{polite.sentence}</span>
      </div>
      <div className="visually-hidden" aria-live="assertive">
        <span key={assertive.count}>{assertive.sentence}</span>
      </div>
    </AnnounceContext>
  );
}
