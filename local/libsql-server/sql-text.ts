// SQL as text: cuts a script into its statements and reads from each what the server must know before the engine sees it.

export interface SqlStatement {
  /** Without the closing semicolon and what surrounds the statement. */
  readonly sql: string;
  /** The first tokens, words in upper case; quoted ones keep their quotes. */
  readonly lead: readonly string[];
  /** Bound parameters in SQLite's numbering; index 0 is ?1. A name keeps its prefix. */
  readonly parameters: readonly (string | null)[];
  /** A word that can only change rows occurs: INSERT, UPDATE, DELETE or REPLACE. */
  readonly mentionsWrite: boolean;
}

/** Enough to tell `PRAGMA main.foreign_keys = 1` and `EXPLAIN QUERY PLAN CREATE TEMP TRIGGER` apart. */
const LEAD_TOKENS = 6;

const TOKEN =
  /(?<space>\s+|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|(?<quoted>'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)|`(?:[^`]|``)*(?:`|$)|\[[^\]]*(?:\]|$))|(?<number>\.?\d(?:[\w.]|(?<=[eE])[+-])*)|(?<parameter>\?\d*|[:@#$][\w$\u0080-\uffff]+(?:::[\w$\u0080-\uffff]+)*(?:\([^)\s]*\))?)|(?<word>[\w$\u0080-\uffff]+)|(?<mark>[\s\S])/uy;

/** Cuts `text` at its semicolons as SQLite does, inside CREATE TRIGGER too; empty statements are left out. */
export function splitStatements(text: string): SqlStatement[] {
  const statements: SqlStatement[] = [];
  let draft = new StatementDraft();
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
    const { space, parameter, word } = match.groups ?? {};
    if (space !== undefined) continue;
    const token = word === undefined ? match[0] : word.toUpperCase();
    if (token === ";" && draft.endsAtSemicolon()) {
      draft.finish(text, statements);
      draft = new StatementDraft();
    } else {
      draft.add(token, match.index, TOKEN.lastIndex, parameter !== undefined);
    }
  }
  draft.finish(text, statements);
  return statements;
}

const WRITE_WORDS: ReadonlySet<string> = new Set(["INSERT", "UPDATE", "DELETE", "REPLACE"]);

class StatementDraft {
  #start = -1;
  #end = -1;
  readonly #lead: string[] = [];
  readonly #parameters: (string | null)[] = [];
  #mentionsWrite = false;
  #lastTwo: readonly [string, string] = ["", ""];

  add(token: string, start: number, end: number, isParameter: boolean): void {
    if (this.#start < 0) this.#start = start;
    this.#end = end;
    if (this.#lead.length < LEAD_TOKENS) this.#lead.push(token);
    if (WRITE_WORDS.has(token)) this.#mentionsWrite = true;
    if (isParameter) this.#addParameter(token);
    this.#lastTwo = [this.#lastTwo[1], token];
  }

  /** A trigger's own statements end in semicolons as well; the trigger ends at `; END ;`. */
  endsAtSemicolon(): boolean {
    if (!this.#isTrigger()) return true;
    return this.#lastTwo[0] === ";" && this.#lastTwo[1] === "END";
  }

  finish(text: string, into: SqlStatement[]): void {
    if (this.#start < 0) return;
    into.push({
      sql: text.slice(this.#start, this.#end),
      lead: this.#lead,
      parameters: this.#parameters,
      mentionsWrite: this.#mentionsWrite,
    });
  }

  #isTrigger(): boolean {
    const words = this.#lead[0] === "EXPLAIN" ? this.#lead.slice(this.#lead[1] === "QUERY" ? 3 : 1) : this.#lead;
    if (words[0] !== "CREATE") return false;
    return words[words[1] === "TEMP" || words[1] === "TEMPORARY" ? 2 : 1] === "TRIGGER";
  }

  /** `?` takes the next number, `?N` the number N, a name its first number again. */
  #addParameter(token: string): void {
    if (token === "?") {
      this.#parameters.push(null);
    } else if (token.startsWith("?")) {
      // SQLite refuses numbers above 32766 itself; a table of more is never needed.
      const number = Math.min(Number(token.slice(1)), 32_767);
      while (this.#parameters.length < number) this.#parameters.push(null);
    } else if (!this.#parameters.includes(token)) {
      this.#parameters.push(token);
    }
  }
}
