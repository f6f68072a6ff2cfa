// The whole of Berth with every leg behind a proxy, two flows of numbers and three tabs that show and feed both: makes cuts and says what they broke.

import { setTimeout as delay } from "node:timers/promises";
import { requireFreePort } from "../../local/data-dir/ports.ts";
import { AgentLeg } from "./agent-leg.ts";
import { type Cut, type CutKind, describeCut } from "./cut-plan.ts";
import { CutProxy, type Which } from "./cut-proxy.ts";
import { buildEvictingEdge, evictSession } from "./evicting-edge.ts";
import { flowProgram } from "./flow-program.ts";
import { FlowTab } from "./flow-tab.ts";
import { SeededRandom } from "./seeded-random.ts";
import { Stack } from "./stack.ts";
import { TestUser } from "./test-user.ts";
import { waitUntil } from "./wait-until.ts";

export const RIG_TABS = 3;
const TERMINALS = 2;
/** Two silence limits in a row and a daemon that starts; far below what a session waits for its host. */
const HEAL_MS = 90_000;
const HEAL_POLL_MS = 50;
const READY_MS = 30_000;
const LEG_MS = 60_000;

interface CutLeg {
  readonly proxy: CutProxy;
  readonly which: Which;
}

export interface RigOptions {
  readonly name: string;
  readonly seed: number;
  /** Printed in each terminal at least, and how fast while cuts are made. */
  readonly bytes: number;
  readonly bytesPerSecond: number;
}

interface MadeCut {
  readonly cut: Cut;
  readonly madeAtMs: number;
  /** Per tab and terminal: what had been seen and typed when it was made. */
  readonly before: readonly { readonly lines: number; readonly typed: number }[];
  healMs: number | null;
}

export class CutRig {
  readonly #options: RigOptions;
  readonly #stack: Stack;
  readonly #runnerLegs: CutProxy;
  #user: TestUser | null = null;
  #agentLeg: AgentLeg | null = null;
  readonly #tabs: FlowTab[] = [];
  readonly #made: MadeCut[] = [];
  readonly #stalls: Promise<unknown>[] = [];
  #begunAtMs = 0;
  #healWatch: NodeJS.Timeout | undefined;

  private constructor(options: RigOptions, stack: Stack, runnerLegs: CutProxy) {
    this.#options = options;
    this.#stack = stack;
    this.#runnerLegs = runnerLegs;
  }

  static async start(options: RigOptions): Promise<CutRig> {
    const edgePort = await requireFreePort("127.0.0.1", 0);
    const edge = { port: edgePort, host: "127.0.0.1" };
    const runnerLegs = await CutProxy.start({ port: 0, host: "127.0.0.1" }, edge);
    const stack = await Stack.start({
      name: options.name,
      flags: ["--port", String(edgePort)],
      environment: { BERTH_RUNNER_EDGE_URL: `http://127.0.0.1:${runnerLegs.port}`, ...(await buildEvictingEdge()) },
    });
    return new CutRig(options, stack, runnerLegs);
  }

  /** Resolves when both flows run and are typed into. */
  async begin(): Promise<void> {
    const { seed } = this.#options;
    const user = await TestUser.signIn(this.#stack.address, "cut");
    this.#user = user;
    const { session } = await user.openSession("first-image");
    this.#agentLeg = await AgentLeg.standIn(this.#stack.dataDir, session.id);
    const tags = Array.from({ length: TERMINALS }, (_, terminal) => `flow-${seed}-${terminal}`);
    for (let number = 0; number < RIG_TABS; number++)
      this.#tabs.push(await FlowTab.open(number, user, session.id, tags, new SeededRandom(seed + 1 + number)));
    await this.#agentLeg.outliveDaemon();
    for (const [terminal, tag] of tags.entries()) this.#runProgram(terminal, tag);
    this.#begunAtMs = performance.now();
    await this.#waitUntil(() => this.#views().every(({ reader }) => reader.lines > 0), READY_MS, "the flows to begin");
    for (const tab of this.#tabs) tab.startTyping();
    this.#healWatch = setInterval(() => this.#unhealed(), HEAL_POLL_MS);
  }

  /** Makes the cut when its turn has come; throws when an earlier one broke something or never healed. */
  async make(cut: Cut): Promise<void> {
    await delay(cut.afterMs);
    await this.#waitUntil(() => this.#unhealed() <= cut.unhealedMax, HEAL_MS, `at most ${cut.unhealedMax} open cuts`);
    const which = await this.#findLeg(cut);
    const before = this.#views().map(({ reader, typed }) => ({ lines: reader.lines, typed }));
    this.#made.push({ cut, madeAtMs: performance.now(), before, healMs: null });
    await this.#carryOut(cut.kind, which);
    if (cut.killsEdge) await this.#kill("edge");
  }

  /** Ends the flows and waits until every tab has seen the whole account of both. */
  async finish(withinMs: number): Promise<void> {
    await Promise.all(this.#stalls);
    await this.#waitUntil(() => this.#unhealed() === 0, HEAL_MS, "all cuts to heal");
    for (const tab of this.#tabs) tab.stopTyping();
    const isConfirmed = (): boolean => this.#views().every(({ terminal }) => terminal.unconfirmedBytes === 0);
    await this.#waitUntil(isConfirmed, withinMs, "all input to be confirmed");
    this.#tabs[0]?.typeEnd();
    await this.#waitUntil(() => this.#views().every(({ reader }) => reader.hasEnded), withinMs, "the account");
    await this.#waitUntil(() => this.#hasTakenAll(), 0, "all that was typed");
  }

  /** What a run was, in a few lines. */
  describe(): string {
    const shownBytes = this.#tabs[0]?.views.map(({ terminal }) => terminal.offset) ?? [];
    const typed = this.#views().reduce((sum, view) => sum + view.typed, 0);
    const byKind = Map.groupBy(this.#made, ({ cut }) =>
      "leg" in cut.kind ? `${cut.kind.what} ${cut.kind.leg}` : cut.kind.what,
    );
    const kinds = [...byKind].map(([kind, cuts]) => {
      const times = cuts.map(({ healMs }) => Math.round(healMs ?? 0)).sort((a, b) => a - b);
      return `  ${kind}: ${times.length}, healed after ${times[Math.floor(times.length / 2)]} ms (median), ${times.at(-1)} ms (longest)`;
    });
    const seconds = Math.round((performance.now() - this.#begunAtMs) / 1000);
    return [
      `${this.#made.length} cuts in ${seconds} s; output ${shownBytes.join(" + ")} bytes in each tab, ${typed} numbers typed`,
      ...kinds,
    ].join("\n");
  }

  /** Resolves with what the stack left. */
  async stop(): Promise<string[]> {
    clearInterval(this.#healWatch);
    for (const tab of this.#tabs) tab.stopTyping();
    const leftovers = await this.#stack.stop();
    for (const part of [...this.#tabs, this.#runnerLegs, this.#agentLeg]) await part?.close();
    return leftovers;
  }

  #views(): FlowTab["views"] {
    return this.#tabs.flatMap(({ views }) => views);
  }

  #runProgram(terminal: number, tag: string): void {
    const { seed, bytes, bytesPerSecond } = this.#options;
    const program = flowProgram({ tag, bytes, bytesPerSecond, seed: seed + terminal });
    const [tab] = this.#tabs;
    const view = tab?.views[terminal];
    if (tab === undefined || view === undefined) throw new Error(`no tab shows terminal ${terminal}`);
    const path = `/tmp/flow-${terminal}.py`;
    const source = Buffer.from(program).toString("base64");
    tab.client.type(view.terminal, `echo ${source} | base64 -d > ${path}; exec python3 ${path}\n`);
  }

  /** A leg that is down already cannot be cut: it is waited for. */
  async #findLeg({ kind, tab }: Cut): Promise<CutLeg | null> {
    if (!("leg" in kind)) return null;
    const leg = {
      browser: { proxy: this.#tabs[tab]?.proxy, which: /^GET \/ws\/sessions\// },
      data: { proxy: this.#runnerLegs, which: /^GET \/ws\/runner\/data/ },
      control: { proxy: this.#runnerLegs, which: /^GET \/ws\/runner\/control/ },
      agent: { proxy: this.#agentLeg?.proxy, which: /(?:)/ },
    }[kind.leg];
    const { proxy, which } = leg;
    if (proxy === undefined) throw new Error(`there is no ${kind.leg} leg`);
    await this.#waitUntil(() => proxy.count(which) > 0, LEG_MS, `a ${kind.leg} leg to cut`);
    return { proxy, which };
  }

  async #carryOut(kind: CutKind, leg: CutLeg | null): Promise<void> {
    if (kind.what === "reset") leg?.proxy.reset(leg.which);
    else if (kind.what === "half-open") leg?.proxy.goHalfOpen(leg.which);
    else if (kind.what === "stall") this.#stalls.push(leg?.proxy.stall(kind.stallMs, leg.which) ?? Promise.resolve());
    else if (kind.what === "kill daemon") await this.#kill("runner-host");
    else await this.#waitUntil(() => this.#evict(), READY_MS, "an edge to evict from");
  }

  async #evict(): Promise<boolean> {
    return this.#user !== null && evictSession(this.#user);
  }

  async #kill(name: string): Promise<void> {
    await this.#waitUntil(async () => (await this.#stack.children())[name] !== undefined, READY_MS, `${name} to run`);
    await this.#stack.kill(name);
  }

  /** Cuts are over once every tab has seen newer output and the shell has taken all that was typed before. */
  #unhealed(): number {
    const views = this.#tabs.flatMap(({ number, views: ofTab }) =>
      ofTab.map(({ reader }) => ({ lines: reader.lines, taken: reader.taken[number] ?? 0 })),
    );
    let count = 0;
    for (const made of this.#made) {
      if (made.healMs !== null) continue;
      const isHealed = made.before.every(({ lines, typed }, index) => {
        const view = views[index];
        return view !== undefined && view.lines > lines && view.taken >= typed;
      });
      if (isHealed) made.healMs = performance.now() - made.madeAtMs;
      else count++;
    }
    return count;
  }

  #hasTakenAll(): boolean {
    return this.#tabs.every(({ number, views }) =>
      views.every(({ typed, terminal }) =>
        this.#tabs.every((tab) => tab.views[terminal.terminal]?.reader.taken[number] === typed),
      ),
    );
  }

  async #waitUntil(condition: () => boolean | Promise<boolean>, withinMs: number, what: string): Promise<void> {
    try {
      await waitUntil(
        async () => {
          this.#check();
          return condition();
        },
        withinMs,
        what,
      );
    } catch (error) {
      throw new Error(`${error instanceof Error ? error.message : String(error)}\n${this.#story()}`, { cause: error });
    }
  }

  #check(): void {
    const faults = this.#tabs.flatMap((tab) => tab.findFaults());
    if (faults.length > 0) throw new Error(faults.join("\n"));
  }

  #story(): string {
    const recent = this.#made.slice(-6).map(({ cut, madeAtMs, healMs }) => {
      const at = ((madeAtMs - this.#begunAtMs) / 1000).toFixed(1);
      return `at ${at} s ${describeCut(cut)}: ${healMs === null ? "not healed" : `healed after ${Math.round(healMs)} ms`}`;
    });
    return [...recent, ...this.#tabs.map((tab) => tab.describe())].join("\n");
  }
}
