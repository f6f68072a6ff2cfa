// The doctor's report as plain text for a teacher: what was found and the facts around it, nothing that opens a door.

import { readClose } from "#wire/close-codes.ts";
import type { SocketLog } from "../session/socket-log.ts";
import { checkTitles, type Finding, type Findings, readLines, summarize } from "./finding.ts";

export type Fact = { name: string; value: string };

const signs: Readonly<Record<Finding["status"], string>> = {
  pending: "..",
  ok: "ok",
  slow: "slow",
  failed: "FAILED",
  skipped: "--",
};

const clock = (at: number): string => new Date(at).toISOString().slice(11, 19);

/** The page's own socket and how it ended before, newest first, one line each; times are UTC. */
export function describeSocketLog({ state, since, ends }: SocketLog): string[] {
  const now = state === "none" ? "no lab in this tab" : `${state} since ${clock(since)}`;
  const before = ends.toReversed().map(({ at, code }) => {
    if (code === null) return `${clock(at)} given up: nothing was heard`;
    const { name } = readClose(code);
    return `${clock(at)} closed with ${code} (${name.replaceAll("_", " ")})`;
  });
  return [now, ...before];
}

export function writeReport(findings: Findings, log: SocketLog, facts: readonly Fact[], now: number): string {
  const lines = readLines(findings).flatMap(({ name, finding, advice }) => {
    const value = finding.status === "pending" ? "still looking" : finding.value;
    const line = `[${signs[finding.status]}]`.padEnd(9) + `${checkTitles[name]}: ${value}`;
    return advice === null ? [line] : [line, `${"".padEnd(9)}${advice}`];
  });
  return [
    "Berth connection report",
    `${new Date(now).toISOString().slice(0, 19).replace("T", " ")} UTC`,
    summarize(findings).text,
    "",
    ...lines,
    "",
    "This page’s own connection (UTC)",
    ...describeSocketLog(log).map((line) => `  ${line}`),
    "",
    "This browser",
    ...facts.map(({ name, value }) => `  ${name}: ${value}`),
    "",
  ].join("\n");
}
