// How often a host may say something to its pool, over all its control sockets one after the other; memory alone holds it: a pool that was forgotten had nothing to do.

import { limits } from "#wire/limits.ts";
import { TokenBucket } from "../sockets/token-bucket.ts";

const controlFrames = { burst: limits.controlFramesBurst, perSecond: limits.controlFramesPerSecond };

export class HostRates {
  readonly #buckets = new Map<string, TokenBucket>();

  /** False when the host has said too much; `isHello` takes as much as many frames. */
  take(host: string, isHello: boolean, now: number): boolean {
    let bucket = this.#buckets.get(host);
    if (bucket === undefined) {
      bucket = new TokenBucket(controlFrames, now);
      this.#buckets.set(host, bucket);
    }
    return bucket.take(now, isHello ? limits.helloFrames : 1);
  }
}
