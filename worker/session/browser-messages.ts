// Takes what a browser says on its socket.

import type { CloseName } from "#wire/close-codes.ts";
import { limits } from "#wire/limits.ts";
import { browserMessageSchema } from "#wire/terminal.ts";
import { parseMessage } from "../sockets/message.ts";
import type { BrowserLine, DataLine } from "./line.ts";
import { ordersOf, type Rates } from "./rates.ts";
import { relayBrowserMessage, relayInput, relayProbe } from "./relay-to-host.ts";
import { noteRead } from "./unread.ts";

/** `data` is null while there is no data socket; `isReady` when terminals may be opened; `onInput` hears of input that went on. */
export type Way = { data: DataLine | null; isReady: boolean; onInput: () => void };

/** Answers why the browser's socket is to be closed, or null. */
export function takeBrowserMessage(
  browser: BrowserLine,
  message: string | ArrayBuffer,
  { orders }: Rates,
  { data, isReady, onInput }: Way,
  now: number,
): CloseName | null {
  if (typeof message !== "string") return relayInput(browser, new Uint8Array(message), data, onInput);
  const parsed = parseMessage(browserMessageSchema, message, limits.browserMessageBytes);
  if (parsed === null) return "bad_message";
  if (!orders.take(now, ordersOf(parsed))) return "rate_exceeded";
  switch (parsed.type) {
    case "read":
      if (noteRead(browser.attachment.unread, parsed.mark) === 0) return "bad_message";
      browser.save();
      return null;
    case "probe":
      return relayProbe(browser, parsed, data);
    default:
      return relayBrowserMessage(browser, parsed, data, isReady);
  }
}
