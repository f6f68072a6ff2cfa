// How often each socket of a session may say something; memory alone holds it: who was silent long enough to be forgotten has earned all back.

import { limits } from "#wire/limits.ts";
import type { BrowserMessage } from "#wire/terminal.ts";
import { TokenBucket } from "../sockets/token-bucket.ts";

const browserFrames = { burst: limits.browserFramesBurst, perSecond: limits.browserFramesPerSecond };
const browserOrders = { burst: limits.browserOrdersBurst, perSecond: limits.browserOrdersPerSecond };
const runnerFrames = { burst: limits.runnerFramesBurst, perSecond: limits.runnerFramesPerSecond };
const notices = { burst: limits.noticesBurst, perSecond: limits.noticesPerSecond };
const agentChanges = { burst: limits.agentChangesBurst, perSecond: limits.agentChangesPerSecond };

/** `frames` is asked for every frame, `orders` for those that cost more than passing them on. */
export type Rates = { readonly frames: TokenBucket; readonly orders: TokenBucket };
/** `notices` for what is shown to a person; more than that is not passed on. */
export type HostRates = Rates & { readonly notices: TokenBucket };

export function browserRates(now: number): Rates {
  return { frames: new TokenBucket(browserFrames, now), orders: new TokenBucket(browserOrders, now) };
}

export function hostRates(now: number): HostRates {
  return {
    frames: new TokenBucket(runnerFrames, now),
    orders: new TokenBucket(agentChanges, now),
    notices: new TokenBucket(notices, now),
  };
}

/** What a browser's message takes of its orders. */
export function ordersOf({ type }: BrowserMessage): number {
  switch (type) {
    case "open":
      return limits.openOrders;
    case "resize":
    case "close":
    case "probe":
      return 1;
    case "ack":
    case "read":
      return 0;
    default:
      return type satisfies never;
  }
}
