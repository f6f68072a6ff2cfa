// What is wrong with a content pack, in words for its author: always names the file, and the line when there is one.

export class PackError extends Error {
  readonly file: string;
  readonly line: number | null;

  constructor(file: string, line: number | null, problem: string) {
    super(`${file}${line === null ? "" : `:${line}`}: ${problem}`);
    this.name = "PackError";
    this.file = file;
    this.line = line;
  }
}
