// Decides what a warning looks like in a terminal whose shell waits at its prompt: a line of its own, as wall(1) writes it, and the prompt's line once more below.

/** What a program could act on: everything but printable text. */
const CONTROL_CHARACTERS = /\p{Cc}/gu;
/** What a line is drawn from: after a line's end or a cleared screen, or at the mark of a prompt (OSC 133;A), whichever comes last. */
const BEGINS_AFTER = ["\n", "\x1b[2J"];
const NEWLINE = 0x0a;
const BEGINS_WITH = "\x1b]133;A;";
/** A prompt with a command line under way is shorter; of a longer line nothing is repeated. */
export const PROMPT_LINE_BYTES_MAX = 2_048;

/** @param tail the last output of the terminal, PROMPT_LINE_BYTES_MAX of it or all. What it repeats leaves the cursor where the shell takes it to be. */
export function warningLines(message: string, tail: Uint8Array): Uint8Array {
  const line = findPromptLine(Buffer.from(tail));
  const text = `Berth: ${message.replaceAll(CONTROL_CHARACTERS, "")}`;
  const fresh = line.length === 0 && tail.at(-1) === NEWLINE ? "\r" : "\r\n";
  return Buffer.concat([Buffer.from(`${fresh}\x1b[K${text}\r\n`), line]);
}

function findPromptLine(tail: Buffer): Buffer {
  const starts = BEGINS_AFTER.map((end) => {
    const at = tail.lastIndexOf(end);
    return at < 0 ? at : at + end.length;
  });
  const from = Math.max(tail.lastIndexOf(BEGINS_WITH), ...starts, tail.length < PROMPT_LINE_BYTES_MAX ? 0 : -1);
  return from < 0 ? Buffer.alloc(0) : tail.subarray(from);
}
