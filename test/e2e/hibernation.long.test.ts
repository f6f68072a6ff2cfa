// The acceptance of hibernation: half a minute of nothing but heartbeats.

import { describeHibernation } from "./hibernation-suite.ts";

describeHibernation({ name: "long", idleMs: 30_000 });
