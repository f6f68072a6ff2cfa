// A learner's session that is ready, on a host that keeps to the protocol, with a tab that watches what its terminal prints.

import { env } from "cloudflare:workers";
import { expect } from "vitest";
import { Learner } from "./learner.ts";
import { NumberedHost } from "./numbered-host.ts";
import { NumberedViewer } from "./numbered-viewer.ts";
import type { ScriptedHost } from "./scripted-host.ts";
import { largestAttachmentBytes } from "./watch-faults.ts";

const ATTACHMENT_BYTES_MAX = 12 * 1024;
const PRINTED_BYTES = 2_000;
/** So that a few opens of the terminal are enough for a mark. */
const FIRST_BYTES = 64 * 1024;

export class Lab {
  readonly learner: Learner;
  readonly session: string;
  readonly host: NumberedHost;
  readonly viewer: NumberedViewer;

  private constructor(learner: Learner, session: string, host: NumberedHost, viewer: NumberedViewer) {
    this.learner = learner;
    this.session = session;
    this.host = host;
    this.viewer = viewer;
  }

  static async open(login: string, machine: ScriptedHost): Promise<Lab> {
    const learner = await Learner.signIn(login);
    const { id } = await learner.open();
    const host = new NumberedHost();
    await host.bringUp(machine, await machine.hearClaim());
    host.print(FIRST_BYTES);
    const viewer = await NumberedViewer.watch(learner, id);
    const lab = new Lab(learner, id, host, viewer);
    await lab.expectUndisturbed();
    return lab;
  }

  get object() {
    return env.USER_SESSION.getByName(this.learner.user);
  }

  print(): void {
    this.host.print(PRINTED_BYTES);
  }

  /** The session is as it was: it can be read, its sockets are open, what it prints from now on reaches the tab, and all that it printed did. */
  async expectUndisturbed(): Promise<void> {
    this.print();
    await this.viewer.reach(this.host.end);
    const { id, state, reachable } = await this.learner.session();
    expect({ id, state, reachable }).toEqual({ id: this.session, state: "ready", reachable: true });
    expect([this.host.closeName, this.viewer.closeName]).toEqual([null, null]);
    expect([...this.host.faults, ...this.viewer.faults]).toEqual([]);
    expect(this.viewer.offset).toBe(this.host.end);
    expect(await largestAttachmentBytes(this.object)).toBeLessThan(ATTACHMENT_BYTES_MAX);
  }
}
