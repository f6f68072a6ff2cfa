// Reads the messages of a WebSocket out of the bytes of its connection, one direction at a time; knows neither compression nor fragments, which Berth's legs do not use.

const HEAD_END = "\r\n\r\n";
const OPCODE_TEXT = 1;
const OPCODE_BINARY = 2;

export interface WebSocketMessages {
  onText(text: string): void;
  onBinary(bytes: Buffer): void;
}

export class WebSocketTap {
  readonly #messages: WebSocketMessages;
  #isUpgraded = false;
  #waiting: Buffer = Buffer.alloc(0);

  constructor(messages: WebSocketMessages) {
    this.#messages = messages;
  }

  take(chunk: Buffer): void {
    this.#waiting = this.#waiting.length === 0 ? chunk : Buffer.concat([this.#waiting, chunk]);
    if (!this.#isUpgraded) {
      const end = this.#waiting.indexOf(HEAD_END);
      if (end < 0) return;
      this.#isUpgraded = true;
      this.#waiting = this.#waiting.subarray(end + HEAD_END.length);
    }
    for (let frame = readFrame(this.#waiting); frame !== null; frame = readFrame(this.#waiting)) {
      this.#waiting = this.#waiting.subarray(frame.bytes);
      if (frame.opcode === OPCODE_TEXT) this.#messages.onText(frame.payload.toString("utf8"));
      else if (frame.opcode === OPCODE_BINARY) this.#messages.onBinary(frame.payload);
    }
  }
}

/** The first whole frame, or null; `bytes` is its length with its head. */
function readFrame(from: Buffer): { opcode: number; payload: Buffer; bytes: number } | null {
  const [first, second] = from;
  if (first === undefined || second === undefined) return null;
  const lengthCode = second & 0x7f;
  const lengthBytes = lengthCode === 127 ? 8 : lengthCode === 126 ? 2 : 0;
  const maskAt = 2 + lengthBytes;
  const maskBytes = (second & 0x80) === 0 ? 0 : 4;
  const payloadAt = maskAt + maskBytes;
  if (from.length < payloadAt) return null;
  const length =
    lengthBytes === 8 ? Number(from.readBigUInt64BE(2)) : lengthBytes === 2 ? from.readUInt16BE(2) : lengthCode;
  if (from.length < payloadAt + length) return null;
  const payload = Buffer.from(from.subarray(payloadAt, payloadAt + length));
  if (maskBytes > 0) for (let i = 0; i < length; i++) payload[i] = (payload[i] ?? 0) ^ (from[maskAt + (i % 4)] ?? 0);
  return { opcode: first & 0x0f, payload, bytes: payloadAt + length };
}
