// The acceptance of credit: a flood of a minute into a browser that does not read.

import { describeFlood } from "./flood-suite.ts";

describeFlood({ name: "long", firstMs: 10_000, lastMs: 60_000, interrupts: 9, interruptMs: 300 });
