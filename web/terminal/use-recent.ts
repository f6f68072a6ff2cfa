// Whether a counter went up a short while ago.

import { useEffect, useState } from "react";

export function useRecent(count: number, forMs: number): boolean {
  const [seen, setSeen] = useState(count);
  useEffect(() => {
    if (count === seen) return;
    const timer = setTimeout(() => setSeen(count), forMs);
    return () => clearTimeout(timer);
  }, [count, seen, forMs]);
  return count !== seen;
}
