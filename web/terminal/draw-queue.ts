// Brings output to the emulator in order, and keeps a hidden page from holding a program back.

/**
 * A hidden page's timers run once a second, later once a minute, and the emulator parses by timers. Up to this much of a terminal
 * counts as drawn when it arrives: the page draws all of it in one go at its next timer, at the latest when it is looked at again.
 */
export const UNDRAWN_BYTES_MAX = 4 * 1024 * 1024;

export type Piece = { bytes: Uint8Array; isReplay: boolean; drawn: () => void };

export type DrawQueuePort = {
  /** Parses a piece; `parsed` is called right after it and before the next. */
  write: (bytes: Uint8Array, isReplay: boolean, parsed: () => void) => void;
  isHidden: () => boolean;
};

type Waiting = Piece & { isBarrier: boolean };

export class DrawQueue {
  readonly #port: DrawQueuePort;
  #waiting: Waiting[] = [];
  #undrawnBytes = 0;
  #isWriting = false;

  constructor(port: DrawQueuePort) {
    this.#port = port;
  }

  draw(piece: Piece): void {
    const isCounted = this.#port.isHidden() && this.#undrawnBytes + piece.bytes.length <= UNDRAWN_BYTES_MAX;
    this.#push({ ...piece, drawn: isCounted ? () => undefined : piece.drawn, isBarrier: false });
    if (isCounted) piece.drawn();
  }

  /** Runs `act` between what was drawn before and what is drawn after. */
  between(act: () => void): void {
    this.#push({ bytes: new Uint8Array(0), isReplay: true, drawn: act, isBarrier: true });
  }

  #push(piece: Waiting): void {
    this.#undrawnBytes += piece.bytes.length;
    if (this.#port.isHidden() || this.#waiting.length > 0) {
      this.#waiting.push(piece);
      if (!this.#isWriting) this.#writeWaiting();
    } else this.#write(piece.bytes, piece.isReplay, [piece]);
  }

  /** Each write costs a timer: what waits goes out in as few as its kinds allow. */
  #writeWaiting(): void {
    const first = this.#waiting[0];
    if (first === undefined) return;
    let count = 1;
    while (isJoinable(this.#waiting[count - 1], this.#waiting[count])) count += 1;
    const pieces = this.#waiting.splice(0, count);
    this.#isWriting = true;
    this.#write(join(pieces), first.isReplay, pieces, () => {
      this.#isWriting = false;
      this.#writeWaiting();
    });
  }

  #write(bytes: Uint8Array, isReplay: boolean, pieces: readonly Waiting[], then: () => void = () => undefined): void {
    this.#port.write(bytes, isReplay, () => {
      this.#undrawnBytes -= bytes.length;
      for (const { drawn } of pieces) drawn();
      then();
    });
  }
}

function isJoinable(piece: Waiting | undefined, next: Waiting | undefined): boolean {
  return piece !== undefined && next !== undefined && !piece.isBarrier && piece.isReplay === next.isReplay;
}

function join(pieces: readonly Waiting[]): Uint8Array {
  if (pieces.length === 1 && pieces[0] !== undefined) return pieces[0].bytes;
  const joined = new Uint8Array(pieces.reduce((sum, { bytes }) => sum + bytes.length, 0));
  let at = 0;
  for (const { bytes } of pieces) {
    joined.set(bytes, at);
    at += bytes.length;
  }
  return joined;
}
