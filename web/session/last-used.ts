// Knows whether this tab is the one that the learner used last, among this browser's tabs of one session.

export class LastUsed {
  readonly #name: string;
  readonly #changed: (isHere: boolean) => void;
  readonly #use = (): void => {
    if (this.#isHere) return;
    this.#claim();
  };
  #channel: BroadcastChannel | null = null;
  #isHere = document.visibilityState === "visible";

  constructor(sessionId: string, changed: (isHere: boolean) => void) {
    this.#name = `berth.used.${sessionId}`;
    this.#changed = changed;
  }

  get isHere(): boolean {
    return this.#isHere;
  }

  start(): void {
    this.#channel = new BroadcastChannel(this.#name);
    this.#channel.onmessage = () => {
      this.#isHere = false;
      this.#changed(false);
    };
    for (const type of ["focus", "keydown", "pointerdown"]) window.addEventListener(type, this.#use, { capture: true });
    if (this.#isHere) this.#claim();
  }

  stop(): void {
    for (const type of ["focus", "keydown", "pointerdown"])
      window.removeEventListener(type, this.#use, { capture: true });
    this.#channel?.close();
    this.#channel = null;
  }

  #claim(): void {
    this.#isHere = true;
    this.#changed(true);
    this.#channel?.postMessage("used");
  }
}
