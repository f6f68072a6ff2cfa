// Decides whether a step of a batch runs, from what became of the steps before it.

import { HranaError } from "./hrana-error.ts";
import type { BatchCondition } from "./hrana-request.ts";

export type StepOutcome = "ok" | "error" | "skipped";

/** Refuses a batch in which a condition asks after its own step or a later one, before any step has run. */
export function refuseForwardConditions(conditions: readonly (BatchCondition | null | undefined)[]): void {
  for (const [step, condition] of conditions.entries()) {
    const last = condition ? lastStepOf(condition) : -1;
    if (last < step) continue;
    throw new HranaError(
      "BATCH_CONDITION_INVALID",
      `The condition of step ${step} asks after step ${last}, which comes later`,
    );
  }
}

function lastStepOf(condition: BatchCondition): number {
  switch (condition.type) {
    case "ok":
    case "error":
      return condition.step;
    case "not":
      return lastStepOf(condition.cond);
    case "and":
    case "or":
      return Math.max(-1, ...condition.conds.map(lastStepOf));
    case "is_autocommit":
      return -1;
  }
}

/** Tells whether a step runs; `outcomes` holds the steps before it. */
export function isConditionMet(
  condition: BatchCondition,
  outcomes: readonly StepOutcome[],
  isAutocommit: boolean,
): boolean {
  switch (condition.type) {
    case "ok":
    case "error":
      return outcomes[condition.step] === condition.type;
    case "not":
      return !isConditionMet(condition.cond, outcomes, isAutocommit);
    case "and":
      return condition.conds.every((inner) => isConditionMet(inner, outcomes, isAutocommit));
    case "or":
      return condition.conds.some((inner) => isConditionMet(inner, outcomes, isAutocommit));
    case "is_autocommit":
      return isAutocommit;
  }
}
