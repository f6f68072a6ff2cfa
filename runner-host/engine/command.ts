// Runs one program to its end and turns a failure into an error that says what the program said.

import { spawn } from "node:child_process";

export interface CommandOptions {
  cwd?: string;
  env?: Record<string, string>;
  /** Called with each line of standard error as it comes. */
  onErrorLine?: (line: string) => void;
}

export class CommandError extends Error {
  readonly exitCode: number | null;

  constructor(program: string, exitCode: number | null, said: string) {
    super(
      `${program} failed (${exitCode === null ? "killed" : `exit code ${exitCode}`}): ${said.trim() || "it said nothing"}`,
    );
    this.name = "CommandError";
    this.exitCode = exitCode;
  }
}

const ERROR_TAIL_CHARS = 2_000;

/** Resolves with standard output; rejects with CommandError on a non-zero exit. */
export function runCommand(program: string, args: string[], options: CommandOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ["ignore", "pipe", "pipe"],
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      env: { ...process.env, LC_ALL: "C", ...options.env },
    });
    let output = "";
    let errorTail = "";
    let partialLine = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      errorTail = (errorTail + text).slice(-ERROR_TAIL_CHARS);
      if (options.onErrorLine === undefined) return;
      const lines = (partialLine + text).split("\n");
      partialLine = lines.pop() ?? "";
      for (const line of lines) options.onErrorLine(line);
    });
    child.on("error", (error) => reject(new CommandError(program, null, error.message)));
    child.on("close", (code) => (code === 0 ? resolve(output) : reject(new CommandError(program, code, errorTail))));
  });
}
