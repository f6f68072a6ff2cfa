// A learner's tabs and the host of their container, both scripted, with one terminal open between them.

import { env } from "cloudflare:workers";
import { encodeBrowserFrame, encodeRunnerFrame } from "#wire/terminal-frame.ts";
import { CountingTab, type Habits } from "./counting-tab.ts";
import { Learner } from "./learner.ts";
import { ScriptedHost } from "./scripted-host.ts";
import type { TestSocket } from "./test-socket.ts";

export const INSTANCE = `t_${"a".repeat(26)}`;
const SIZE = { cols: 80, rows: 24 };
const client = "6f1c1c1e-0000-4000-8000-000000000001";
export const OPEN = { type: "open", terminal: 0, ...SIZE, claimsSize: true, client, instance: null, offset: null };

type Claim = Awaited<ReturnType<ScriptedHost["hearClaim"]>>;

export class TerminalPair {
  readonly host: ScriptedHost;
  readonly learner: Learner;
  readonly claim: Claim;
  data: TestSocket;
  /** Where the next output belongs. */
  printed = 0;

  constructor(host: ScriptedHost, learner: Learner, claim: Claim, data: TestSocket) {
    this.host = host;
    this.learner = learner;
    this.claim = claim;
    this.data = data;
  }

  static async bringUp(login: string): Promise<TerminalPair> {
    const host = await ScriptedHost.ready();
    const learner = await Learner.signIn(login);
    await learner.open();
    const claim = await host.hearClaim();
    return new TerminalPair(host, learner, claim, await host.bringUp(claim));
  }

  get object() {
    return env.USER_SESSION.getByName(this.learner.user);
  }

  /** A tab that has opened the terminal and shows all of it; `connection` is its number. */
  async openTab(habits: Habits): Promise<{ tab: CountingTab; connection: number }> {
    const tab = await CountingTab.dial(this.learner, this.claim.session, habits);
    await tab.until(() => tab.session?.state === "ready" && tab.session.reachable, "a session that is ready");
    tab.say(OPEN);
    const { connection } = await this.data.hear<{ type: "open"; connection: number }>("open");
    this.data.say(this.opened(connection));
    await tab.until(() => tab.said.some(({ type }) => type === "opened"), "the answer to the open");
    return { tab, connection };
  }

  opened(connection: number, instance = INSTANCE) {
    const at = { offset: this.printed, end: this.printed, received: 0 };
    return { type: "opened", connection, terminal: 0, instance, ...at, ...SIZE };
  }

  /** Output for all live viewers. */
  print(bytes: number): void {
    const payload = new Uint8Array(bytes);
    this.data.sendBytes(encodeRunnerFrame({ connection: 0, terminal: 0, offset: this.printed, payload }));
    this.printed += bytes;
  }

  type(tab: CountingTab, bytes: number): void {
    tab.peer.send(encodeBrowserFrame({ terminal: 0, offset: 0, payload: new Uint8Array(bytes) }));
  }
}
