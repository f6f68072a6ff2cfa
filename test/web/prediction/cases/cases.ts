// All cases that are recorded.

import { programCases } from "./program-cases.ts";
import { secretCases } from "./secret-cases.ts";
import { shellCases } from "./shell-cases.ts";

export type { Case, Step } from "./steps.ts";

export const cases = [...shellCases, ...programCases, ...secretCases];
