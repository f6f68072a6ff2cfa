// The time, read again at each interval; every reader of one interval sees it change at the same moment.

import { useEffect, useState } from "react";

export function useNow(intervalMs: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setTimeout(() => setNow(Date.now()), intervalMs - (Date.now() % intervalMs));
    return () => clearTimeout(timer);
  });
  return Math.floor(now / intervalMs) * intervalMs;
}
