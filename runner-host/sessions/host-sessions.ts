// Owns which sessions this host holds: claims, releases, takes up again after a restart, and reaps what nobody claims.

import type { Claim } from "#wire/runner.ts";
import type { ContainerEnd } from "../engine/container-engine.ts";
import { Turns } from "../engine/turns.ts";
import { HeldSession } from "./held-session.ts";
import { HogWatch } from "./hog-watch.ts";
import { judgeClaim } from "./judge-claim.ts";
import { OrphanSweep } from "./orphan-sweep.ts";
import { RestWatch } from "./rest-watch.ts";
import type { SessionHost } from "./session-host.ts";

/** A full disk, as a rule. */
const NOT_WRITTEN = "This runner host cannot take sessions now: its disk is full or cannot be written.";
/** The engine is away for about as long when it died. */
const LET_GO_AGAIN_MS = 1_000;

type Placed = { session: string; epoch: number };

/** What is claimed, released and over for one session is done one after another. */
export class HostSessions {
  readonly #host: SessionHost;
  readonly #capacity: number;
  readonly #held = new Map<string, HeldSession>();
  readonly #turns = new Turns();
  readonly #orphans: OrphanSweep;
  readonly #stopWatching: () => void;
  readonly #rest: RestWatch;
  readonly #hogs: HogWatch;

  constructor(host: Omit<SessionHost, "onOver" | "watchOver">, capacity: number) {
    this.#capacity = capacity;
    this.#host = {
      ...host,
      watchOver: (session, work) => this.#watchOver(session, work),
      onOver: (session, epoch) => this.#noteOver(session, epoch),
    };
    this.#orphans = new OrphanSweep({
      engine: host.engine,
      isHeld: (session) => this.#held.has(session),
      reap: (session) => this.#run(session, () => this.#reapOrphan(session)),
      watchOver: (work) => this.#watchOver(null, work),
    });
    this.#stopWatching = host.engine.watch((end) => this.#noteEnd(end));
    this.#rest = new RestWatch({
      ...{ engine: host.engine, times: host.patience.rest, log: host.log, gauge: host.metrics.restingSessions },
      listHeld: () => this.#held.values(),
    });
    this.#hogs = new HogWatch({
      ...{ engine: host.engine, lookEveryMs: host.patience.hogLookEveryMs, log: host.log },
      find: (session) => this.#held.get(session),
    });
  }

  get placed(): Placed[] {
    return [...this.#held].map(([session, held]) => ({ session, epoch: held.epoch }));
  }

  /** Takes up every recorded session and reaps what is here of others. */
  async takeUp(): Promise<void> {
    const { records, log } = this.#host;
    const kept = await records.list((file, reason) => log.error({ file, reason }, "a session record cannot be read"));
    for (const record of kept) this.#hold(new HeldSession(this.#host, record, false), record.session);
    this.#orphans.start();
  }

  claim(claim: Claim): void {
    this.#run(claim.session, () => this.#claim(claim));
  }

  release(placed: Placed): void {
    const { session, epoch } = placed;
    this.#run(session, async () => {
      await this.#letGoPatiently(session, epoch, () => this.release(placed));
      this.#host.tellPool({ type: "released", ...placed });
    });
  }

  /** Closes every socket; containers run on until whoever keeps the engine stops it. */
  async close(): Promise<void> {
    this.#stopWatching();
    this.#orphans.close();
    this.#rest.close();
    this.#hogs.close();
    await Promise.all([...this.#held.values()].map((held) => held.close(true)));
  }

  async #claim(claim: Claim): Promise<void> {
    const { session, epoch, ticket, images } = claim;
    const { records, tellPool, engine, log } = this.#host;
    const held = this.#held.get(session);
    const verdict = judgeClaim(claim, held?.epoch ?? null, {
      held: this.#held.size,
      capacity: this.#capacity,
      images: engine.images,
    });
    switch (verdict.kind) {
      case "stale":
        // A newer epoch is held: nothing of this one is left here.
        return tellPool({ type: "released", session, epoch });
      case "held":
        return tellPool({ type: "claimed", session, epoch });
      case "refuse":
        return tellPool({ type: "claim_failed", session, epoch, code: verdict.code, message: verdict.message });
      case "take": {
        await held?.close(false);
        const record = { session, epoch, ticket, images };
        try {
          await records.save(record);
        } catch (error) {
          log.error({ session, reason: messageOf(error) }, "a claim could not be written down");
          return tellPool({ type: "claim_failed", session, epoch, code: "no_room", message: NOT_WRITTEN });
        }
        tellPool({ type: "claimed", session, epoch });
        this.#hold(new HeldSession(this.#host, record, true), session);
      }
    }
  }

  async #letGo(session: string, epoch: number): Promise<void> {
    const held = this.#held.get(session);
    if (held === undefined) return this.#host.engine.removeContainer(session);
    if (held.epoch > epoch) return;
    await held.reap();
    this.#held.delete(session);
    this.#host.metrics.sessions.set(this.#held.size);
  }

  #noteOver(session: string, epoch: number): void {
    this.#run(session, () => this.#letGoPatiently(session, epoch, () => this.#noteOver(session, epoch)));
  }

  /** Nobody asks soon again for a session that is over: what cannot be removed now is tried again. */
  async #letGoPatiently(session: string, epoch: number, tryAgain: () => void): Promise<void> {
    try {
      await this.#letGo(session, epoch);
    } catch (error) {
      setTimeout(tryAgain, LET_GO_AGAIN_MS).unref();
      throw error;
    }
  }

  async #reapOrphan(session: string): Promise<void> {
    if (this.#held.has(session)) return;
    this.#host.log.warn({ session }, "what was left of a session without a record is reaped");
    await this.#host.engine.removeContainer(session);
  }

  #hold(held: HeldSession, session: string): void {
    this.#held.set(session, held);
    this.#host.metrics.sessions.set(this.#held.size);
    this.#watchOver(session, held.open());
  }

  #noteEnd({ session, epoch, exitCode }: ContainerEnd): void {
    const held = this.#held.get(session);
    if (held?.epoch === epoch) this.#watchOver(session, held.restart(exitCode));
  }

  #run(session: string, work: () => Promise<void>): void {
    this.#watchOver(session, this.#turns.take(session, work));
  }

  #watchOver(session: string | null, work: Promise<void>): void {
    work.catch((error: unknown) => {
      this.#host.log.error({ session, reason: messageOf(error) }, "a step for a session failed");
    });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
