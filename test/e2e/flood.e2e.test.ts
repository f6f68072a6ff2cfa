// A short flood, for every change; flood.long.test.ts has the whole minute.

import { describeFlood } from "./flood-suite.ts";

describeFlood({ name: "e2e", firstMs: 3_000, lastMs: 10_000, interrupts: 3, interruptMs: 5_000 });
