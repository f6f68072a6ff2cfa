// Owns what a person who is not root is told: what needs root, and the two commands that do without it.

import { StartRefusal } from "./start-refusal.ts";

const WITHOUT_RUNNER = "--without-runner";

/** Throws StartRefusal. `script` and `args` are what was typed: `npm run <script> -- <args>`. */
export function requireRoot(uid: number | undefined, script: string, args: readonly string[]): void {
  if (uid === 0) return;
  const npm = script === "start" ? "npm start" : `npm run ${script}`;
  throw new StartRefusal(
    `Session containers need root. Start as root:  sudo ${typed(npm, args)}\nOr start without containers on this machine:  ${typed(npm, [...args, WITHOUT_RUNNER])}`,
  );
}

function typed(npm: string, args: readonly string[]): string {
  return args.length === 0 ? npm : `${npm} -- ${args.map(quote).join(" ")}`;
}

/** As a shell takes it back unchanged. */
function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
