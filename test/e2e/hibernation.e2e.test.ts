// An idle session leaves the edge's memory; hibernation.long.test.ts has the half minute of the acceptance.

import { describeHibernation } from "./hibernation-suite.ts";

describeHibernation({ name: "e2e", idleMs: 14_000 });
