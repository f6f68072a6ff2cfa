// Owns which sessions this host holds: claims, releases, takes up again after a restart, and reaps what nobody claims.

import type { Claim } from "#wire/runner.ts";
import type { ContainerEnd } from "../engine/container-engine.ts";
import { Turns } from "../engine/turns.ts";
import { HeldSession } from "./held-session.ts";
import { judgeClaim } from "./judge-claim.ts";
import type { SessionHost } from "./session-host.ts";

const LET_GO_AGAIN_MS = 5_000;

type Placed = { session: string; epoch: number };

/** What is claimed, released and over for one session is done one after another. */
export class HostSessions {
  readonly #host: SessionHost;
  readonly #capacity: number;
  readonly #held = new Map<string, HeldSession>();
  readonly #turns = new Turns();
  readonly #stopWatching: () => void;

  constructor(host: Omit<SessionHost, "onOver" | "watchOver">, capacity: number) {
    this.#capacity = capacity;
    this.#host = {
      ...host,
      watchOver: (session, work) => this.#watchOver(session, work),
      onOver: (session, epoch) => this.#run(session, () => this.#letGoPatiently(session, epoch)),
    };
    this.#stopWatching = host.engine.watch((end) => this.#noteEnd(end));
  }

  get placed(): Placed[] {
    return [...this.#held].map(([session, held]) => ({ session, epoch: held.epoch }));
  }

  /** Takes up every recorded session and reaps containers without a record. */
  async takeUp(): Promise<void> {
    const { records, engine, log } = this.#host;
    const kept = await records.list((file, reason) => log.error({ file, reason }, "a session record cannot be read"));
    for (const record of kept) this.#hold(new HeldSession(this.#host, record, false), record.session);
    const recorded = new Set(kept.map((record) => record.session));
    const orphans = (await engine.listContainers()).filter((container) => !recorded.has(container.session));
    for (const { session } of orphans) {
      log.warn({ session }, "a container without a record is reaped");
      this.#run(session, () => engine.removeContainer(session));
    }
  }

  claim(claim: Claim): void {
    this.#run(claim.session, () => this.#claim(claim));
  }

  release(placed: Placed): void {
    this.#run(placed.session, async () => {
      await this.#letGo(placed.session, placed.epoch);
      this.#host.tellPool({ type: "released", ...placed });
    });
  }

  /** Closes every socket; containers are stopped, with their files kept, or left running. */
  async close(onStop: "keep" | "stop"): Promise<void> {
    this.#stopWatching();
    const held = [...this.#held];
    await Promise.all(held.map(([, one]) => one.close(true)));
    if (onStop === "stop") await Promise.all(held.map(([session]) => this.#host.engine.stopContainer(session)));
  }

  async #claim(claim: Claim): Promise<void> {
    const { session, epoch, ticket, images } = claim;
    const { records, tellPool, engine } = this.#host;
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
        await records.save(record);
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

  /** Nobody asks again for a session that is over: what cannot be removed now is tried again. */
  async #letGoPatiently(session: string, epoch: number): Promise<void> {
    try {
      await this.#letGo(session, epoch);
    } catch (error) {
      setTimeout(() => this.#host.onOver(session, epoch), LET_GO_AGAIN_MS).unref();
      throw error;
    }
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

  #watchOver(session: string, work: Promise<void>): void {
    work.catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      this.#host.log.error({ session, reason }, "a step for a session failed");
    });
  }
}
