// What a shell's marks (OSC 133) say: whether a prompt waits for a line, and how many typed lines no shell is known to have read yet.

export type PromptMark = { type: "begins" | "starts" } | { type: "ends"; prompt: string };

/** The content of an OSC 133; null when it is none that matters, or not of this instance's shell: files and other machines print marks, too. */
export function readPromptMark(content: string, instance: string | null): PromptMark | null {
  const fields = content.split(";");
  if (instance === null || fields.pop() !== instance) return null;
  const [letter, prompt = "", ...rest] = fields;
  if (rest.length > 0) return null;
  if (letter === "B") return /^\d{1,9}$/.test(prompt) ? { type: "ends", prompt } : null;
  if (prompt !== "") return null;
  if (letter === "A") return { type: "begins" };
  return letter === "C" ? { type: "starts" } : null;
}

export class PromptMarks {
  #isOpen = false;
  #prompt: string | null = null;
  #unreadLines = 0;
  /** Those of them that were typed since the prompt came. */
  #sincePrompt = 0;

  /** Typed lines that may still wait to be read: the next program would get them, and could be one that hides what follows. */
  get unreadLines(): number {
    return this.#unreadLines;
  }

  /** A line was entered behind the prompt that came last. */
  get hasEntered(): boolean {
    return this.#sincePrompt > 0;
  }

  entered(): void {
    this.#unreadLines += 1;
    this.#sincePrompt += 1;
  }

  /** Whether it was only drawn again, with its old number. */
  promptEnded(prompt: string): boolean {
    const isRedrawn = this.#isOpen && prompt === this.#prompt;
    if (this.#isOpen && !isRedrawn) this.#readOne();
    if (!isRedrawn) this.#sincePrompt = 0;
    this.#isOpen = true;
    this.#prompt = prompt;
    return isRedrawn;
  }

  commandStarted(): void {
    this.#isOpen = false;
    this.#readOne();
  }

  /** All that was typed before the prompt came. */
  earlierRead(): void {
    this.#unreadLines = Math.min(this.#unreadLines, this.#sincePrompt);
  }

  allRead(): void {
    this.#unreadLines = 0;
    this.#sincePrompt = 0;
  }

  #readOne(): void {
    this.#unreadLines = Math.max(0, this.#unreadLines - 1);
  }
}
