// Turns Hrana's positional and named arguments into one list in SQLite's parameter order.

import { HranaError } from "./hrana-error.ts";
import type { HranaStatement } from "./hrana-request.ts";
import type { EngineValue } from "./hrana-value.ts";

/** `parameters` as sql-text.ts reads them. A name may come with or without its prefix. Throws ARGS_INVALID unless every parameter gets one value. */
export function bindArguments(
  parameters: readonly (string | null)[],
  statement: Pick<HranaStatement, "args" | "named_args">,
): EngineValue[] {
  const { args, named_args: namedArgs } = statement;
  if (args.length > parameters.length) {
    throw new HranaError("ARGS_INVALID", `${args.length} arguments were given for ${parameters.length} parameters`);
  }
  const bound: (EngineValue | undefined)[] = parameters.map((_, index) => args[index]);
  for (const { name, value } of namedArgs) {
    const indexes = parameters.flatMap((parameter, index) =>
      parameter === name || parameter?.slice(1) === name ? [index] : [],
    );
    if (indexes.length === 0) throw new HranaError("ARGS_INVALID", `There is no parameter named ${name}`);
    for (const index of indexes) bound[index] = value;
  }
  return bound.map((value, index) => {
    if (value !== undefined) return value;
    throw new HranaError("ARGS_INVALID", `Parameter ${parameters[index] ?? `?${index + 1}`} has no value`);
  });
}
