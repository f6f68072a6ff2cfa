// The doctor's lines in their order, and what each can say.

export const checkNames = ["http", "sign_in", "session", "socket", "binary", "edge", "host", "container"] as const;
export type CheckName = (typeof checkNames)[number];

export const checkTitles: Readonly<Record<CheckName, string>> = {
  http: "Berth answers",
  sign_in: "You are signed in",
  session: "Your lab",
  socket: "A WebSocket opens",
  binary: "Binary frames pass both ways",
  edge: "Round trip to Berth’s edge",
  host: "Round trip to the runner host",
  container: "Round trip to your container",
};

export type Finding =
  | { status: "pending" }
  | { status: "ok"; value: string; advice?: string }
  /** `advice` says what to do. */
  | { status: "slow" | "failed"; value: string; advice: string }
  /** It could not be looked at; `advice` says what is needed for it. */
  | { status: "skipped"; value: string; advice: string };

export type Findings = Readonly<Record<CheckName, Finding>>;

export const noFindings: Findings = {
  http: { status: "pending" },
  sign_in: { status: "pending" },
  session: { status: "pending" },
  socket: { status: "pending" },
  binary: { status: "pending" },
  edge: { status: "pending" },
  host: { status: "pending" },
  container: { status: "pending" },
};

export type Line = { name: CheckName; finding: Finding; advice: string | null };

/** In their order; what several lines advise stands at the first of them. */
export function readLines(findings: Findings): Line[] {
  const said = new Set<string>();
  return checkNames.map((name) => {
    const finding = findings[name];
    const advice = "advice" in finding && finding.advice !== undefined ? finding.advice : null;
    const isNew = advice !== null && !said.has(advice);
    if (isNew) said.add(advice);
    return { name, finding, advice: isNew ? advice : null };
  });
}

export type Summary = { tone: "busy" | "good" | "warning" | "bad"; text: string };

export function summarize(findings: Findings): Summary {
  const all = checkNames.map((name) => ({ name, ...findings[name] }));
  if (all.some(({ status }) => status === "pending")) return { tone: "busy", text: "Looking at each part of the way" };
  const failed = all.filter(({ status }) => status === "failed");
  const slow = all.filter(({ status }) => status === "slow");
  const first = failed[0] ?? slow[0];
  if (failed.length > 0 && first !== undefined)
    return {
      tone: "bad",
      text: `${count(failed.length, "part does", "parts do")} not work. Start at “${checkTitles[first.name]}”.`,
    };
  if (slow.length > 0)
    return { tone: "warning", text: `Everything answers, ${count(slow.length, "part", "parts")} slowly` };
  if (all.some(({ status }) => status === "skipped"))
    return { tone: "good", text: "Everything that could be looked at works" };
  return { tone: "good", text: "Everything works" };
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}
