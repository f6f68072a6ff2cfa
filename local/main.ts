// `npm start`: the whole of Berth on this machine.

import { runFromCommandLine } from "./run.ts";

process.exit(await runFromCommandLine(process.argv.slice(2)));
