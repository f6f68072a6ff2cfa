// What a self-test found, what the host may offer by it, and how it is told; pure.

import { z } from "zod";
import { parseJson } from "../uplink/parse-json.ts";

const checkResultSchema = z.strictObject({
  name: z.string(),
  need: z.enum(["sessions", "images", "pausing"]),
  status: z.enum(["pass", "fail"]),
  message: z.string(),
});
export type CheckResult = z.infer<typeof checkResultSchema>;

const selfTestReportSchema = z.strictObject({ results: z.array(checkResultSchema).min(1) });
export type SelfTestReport = z.infer<typeof selfTestReportSchema>;

/** Null when it is none: cut off, say, or of another version. */
export function parseReport(text: string): SelfTestReport | null {
  const parsed = selfTestReportSchema.safeParse(parseJson(text));
  return parsed.success ? parsed.data : null;
}

/** What the host may offer: a check that failed takes its need away, and without sessions there is nothing to offer. */
export interface Offer {
  sessions: boolean;
  images: boolean;
  pausing: boolean;
}

export function offerOf({ results }: SelfTestReport): Offer {
  const holds = (need: CheckResult["need"]): boolean =>
    !results.some((result) => result.need === need && result.status === "fail");
  return { sessions: holds("sessions"), images: holds("images"), pausing: holds("pausing") };
}

/** One line for a check, as it is printed. */
export function describeResult({ name, status, message }: CheckResult): string {
  return `${status === "pass" ? "ok  " : "FAIL"}  ${name}: ${message}`;
}

/** One sentence about the whole. */
export function describeOffer(report: SelfTestReport): string {
  const { sessions, images, pausing } = offerOf(report);
  const failed = report.results.filter(({ status }) => status === "fail");
  const because = failed.map(({ name, message }) => `${name} (${message.replace(/\.$/, "")})`).join("; ");
  if (!sessions) return `This machine cannot hold sessions: ${because}.`;
  const missing = [...(images ? [] : ["challenges that need Docker"]), ...(pausing ? [] : ["rest for idle sessions"])];
  return missing.length === 0
    ? `All ${report.results.length} checks passed.`
    : `This machine can hold sessions, but does not offer ${missing.join(" and ")}: ${because}.`;
}
