// A model of one session: browsers, the daemon's account and an agent with its terminals, joined by queues that deliver as late as a seed decides.

import type { AgentMessage } from "#wire/agent.ts";
import { limits } from "#wire/limits.ts";
import type { ViewerMessage } from "#wire/runner.ts";
import { ALL_LIVE_VIEWERS, type RunnerFrame } from "#wire/terminal-frame.ts";
import { Terminals } from "../../../runner-host/agent/terminals.ts";
import { CreditLedger, type ViewerEvent } from "../../../runner-host/sessions/credit-ledger.ts";
import type { Judgement } from "../../../runner-host/sessions/viewer-account.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { ScriptedPty } from "../../support/scripted-pty.ts";
import type { SeededRandom } from "../../support/seeded-random.ts";

const BROWSERS = 3;
const TERMINALS = 2;
const KiB = 1024;

export type FromAgent = { event: ViewerEvent } | { frame: RunnerFrame };
type ToAgent = { message: ViewerMessage } | { input: RunnerFrame };
/** What a browser shows of one terminal; `isOpened` while the agent may take it for a viewer. */
type View = { instance: string | null; shown: number; typed: number; isOpened: boolean };
type Browser = { connection: number; client: string; views: View[] };

export class LedgerModel {
  readonly random: SeededRandom;
  readonly ledger = new CreditLedger();
  /** What the agent said last, and what was made of it; a violation stays. */
  last: { said: FromAgent; judgement: Judgement } | null = null;
  readonly toAgent: ToAgent[] = [];
  readonly fromAgent: FromAgent[] = [];
  readonly browsers: Browser[] = [];
  readonly #clock = new FakeClock();
  readonly #terminals: Terminals;
  #ptys: ScriptedPty[] = [];
  #nextConnection = 1;
  #canSend = true;

  constructor(random: SeededRandom) {
    this.random = random;
    this.#terminals = new Terminals({
      clock: this.#clock,
      link: {
        send: (message) => this.#say(message),
        sendOutput: (frame) => this.fromAgent.push({ frame: { ...frame, payload: Uint8Array.from(frame.payload) } }),
        canSend: () => this.#canSend,
      },
      openPty: (_options, events) => {
        const pty = new ScriptedPty(events);
        this.#ptys = [...this.#ptys.filter(({ isHungUp }) => !isHungUp), pty];
        return pty;
      },
      shell: { file: "model", args: [], environment: {}, directory: "/" },
    });
    for (let i = 0; i < BROWSERS; i++) this.browsers.push(this.#arrive(`client-${i}`));
  }

  get hasViolation(): boolean {
    return this.last?.judgement === "violation";
  }

  step(): void {
    const { random } = this;
    const browser = random.pick(this.browsers);
    const terminal = random.between(0, TERMINALS - 1);
    const act = random.between(0, 999);
    if (act < 60) this.#open(browser, terminal);
    else if (act < 250) this.#ack(browser, terminal);
    else if (act < 270) this.#leave(browser);
    else if (act < 275) this.#close(browser, terminal);
    else if (act < 280) random.pick([...this.#ptys, null])?.end(random.between(0, 255));
    else if (act < 310) this.#resize(browser, terminal);
    else if (act < 320)
      this.pass({ type: "probe", connection: browser.connection, probe: random.between(1, 99), at: "container" });
    else if (act < 400) this.#type(browser, terminal);
    else if (act < 410) this.#canSend = random.chance(0.7);
    else if (act < 440) for (const pty of this.#ptys) pty.room = random.chance(0.5) ? 0 : random.between(1, 64 * KiB);
    else if (act < 560) for (const pty of this.#ptys) this.#print(pty);
    else if (act < 600) this.#clock.advance(random.between(0, 80));
    else if (act < 800) this.deliverToAgent();
    else for (let i = random.between(1, 12); i > 0; i--) this.deliverFromAgent();
    if (this.#canSend) this.#terminals.resumeSending();
  }

  pass(message: ViewerMessage): void {
    const passed = this.ledger.noteViewer(message);
    if (passed !== null) this.toAgent.push({ message: passed });
  }

  deliverToAgent(): void {
    const next = this.toAgent.shift();
    if (next === undefined) return;
    if ("message" in next) this.#terminals.apply(next.message);
    else this.#terminals.takeInput(next.input);
  }

  deliverFromAgent(): void {
    const said = this.fromAgent.shift();
    if (said !== undefined) this.judge(said);
  }

  judge(said: FromAgent): Judgement {
    const judgement = "event" in said ? this.ledger.judgeEvent(said.event) : this.ledger.judgeOutput(said.frame);
    if (!this.hasViolation) this.last = { said, judgement };
    if (judgement === "forward") this.#show(said);
    return judgement;
  }

  view(connection: number, terminal: number): View | undefined {
    return this.browsers.find((browser) => browser.connection === connection)?.views[terminal];
  }

  #say(message: AgentMessage): void {
    switch (message.type) {
      case "hello":
      case "pong":
      case "jobs":
      case "laid":
      case "lay_failed":
        throw new Error(`terminals say no ${message.type}`);
      default:
        this.fromAgent.push({ event: message });
    }
  }

  #show(said: FromAgent): void {
    if ("frame" in said) {
      const { connection, terminal, offset, payload } = said.frame;
      for (const browser of this.browsers) {
        const view = browser.views[terminal];
        const isFor = connection === ALL_LIVE_VIEWERS || connection === browser.connection;
        if (isFor && view?.isOpened === true) view.shown = Math.max(view.shown, offset + payload.length);
      }
    } else if (said.event.type === "opened") {
      const { connection, terminal, instance, offset, received } = said.event;
      const view = this.view(connection, terminal);
      if (view === undefined) return;
      if (view.instance !== instance) view.typed = received;
      Object.assign(view, { instance, shown: offset, isOpened: true });
    }
  }

  #arrive(client: string, views: View[] = []): Browser {
    const connection = this.#nextConnection++;
    for (let terminal = 0; terminal < TERMINALS; terminal++) {
      const known = views[terminal] ?? { instance: null, shown: 0, typed: 0 };
      views[terminal] = { ...known, isOpened: false };
    }
    return { connection, client, views };
  }

  /** A cut: the page comes back on another connection, as the same client or, when it was loaded anew, as another. */
  #leave(browser: Browser): void {
    this.pass({ type: "detach", connection: browser.connection });
    const isSame = this.random.chance(0.7);
    const client = isSame ? browser.client : `client-${this.#nextConnection}`;
    const index = this.browsers.indexOf(browser);
    this.browsers[index] = this.#arrive(client, isSame ? browser.views : []);
  }

  #open({ connection, client, views }: Browser, terminal: number): void {
    const { random } = this;
    const view = views[terminal];
    const knows = view !== undefined && view.instance !== null && random.chance(0.8);
    const size = { cols: random.between(1, 3), rows: random.between(1, 3), claimsSize: random.chance(0.5) };
    const shown = { instance: knows ? view.instance : null, offset: knows ? view.shown : null };
    this.pass({ type: "open", connection, terminal, ...size, client, ...shown });
  }

  #ack({ connection, views }: Browser, terminal: number): void {
    const shown = views[terminal]?.shown ?? 0;
    const offset = this.random.chance(0.1) ? limits.offsetMax : this.random.between(Math.floor(shown / 2), shown);
    this.pass({ type: "ack", connection, terminal, offset });
  }

  #close({ connection, views }: Browser, terminal: number): void {
    const instance = views[terminal]?.instance ?? null;
    if (instance !== null) this.pass({ type: "close", connection, terminal, instance });
  }

  #resize({ connection }: Browser, terminal: number): void {
    const { random } = this;
    this.pass({ type: "resize", connection, terminal, cols: random.between(1, 3), rows: random.between(1, 3) });
  }

  /** Also far ahead, again, and before an open is answered. */
  #type({ connection, views }: Browser, terminal: number): void {
    const { random } = this;
    const view = views[terminal];
    if (view === undefined) return;
    const back = random.chance(0.2) ? random.between(0, Math.min(view.typed, 40 * KiB)) : 0;
    const ahead = random.chance(0.05) ? random.between(1, 100 * KiB) : 0;
    const payload = new Uint8Array(random.between(1, random.chance(0.3) ? limits.inputFrameBytes : 5));
    const input = { connection, terminal, offset: view.typed - back + ahead, payload };
    if (ahead === 0) view.typed = Math.max(view.typed, input.offset + payload.length);
    if (this.ledger.noteInput(input)) this.toAgent.push({ input });
  }

  #print(pty: ScriptedPty): void {
    for (let i = this.random.between(1, 6); i > 0 && !pty.isPaused && !pty.isHungUp; i--)
      pty.print(new Uint8Array(this.random.between(1, 64 * KiB)));
  }
}
