// Two learners who do their worst, with their browsers and from inside their containers: a program of its own, so that what it does delays nobody's measuring. Says `ready` once both are at it.

import { hostileAgentProgram } from "./hostile-program.ts";
import { HostileTab } from "./hostile-tab.ts";
import { typeProgram } from "./quiet-neighbour.ts";
import { SeededRandom } from "./seeded-random.ts";
import { TestClient } from "./test-client.ts";
import { TestUser } from "./test-user.ts";

const READY_MS = 30_000;
const KEPT_BYTES = 1024 * 1024;
const HOSTILE_TABS = 3;

const [address = "", seed = ""] = process.argv.slice(2);

/** Floods of output into a tab that draws and one that does not, and browsers that keep to nothing. */
async function floodFromBrowsers(random: SeededRandom): Promise<void> {
  const user = await TestUser.signIn(address, "flooder");
  const { session } = await user.openSession("first-image");
  const [drawing, deaf] = [new TestClient(user, session.id), new TestClient(user, session.id)];
  for (const number of [0, 1, 2]) {
    const flooded = await drawing.open(number, READY_MS);
    flooded.keepBytes = KEPT_BYTES;
    (await deaf.open(number, READY_MS)).keepBytes = KEPT_BYTES;
    drawing.type(flooded, "yes\n");
  }
  deaf.stopReading();
  // They go on until this program is ended.
  Array.from({ length: HOSTILE_TABS }, () => new HostileTab(user, session.id, random));
}

/** Its own agent, every core that it gets, and all its memory. */
async function attackFromInside(): Promise<void> {
  const user = await TestUser.signIn(address, "insider");
  const { session } = await user.openSession("first-image");
  const client = new TestClient(user, session.id);
  const own = await client.open(0, READY_MS);
  client.type(
    own,
    "for n in 1 2 3 4; do sha256sum /dev/zero & done; (while true; do head -c 2G /dev/zero | tail; done) &\n",
  );
  typeProgram(client, own, hostileAgentProgram);
}

await floodFromBrowsers(new SeededRandom(Number(seed)));
await attackFromInside();
process.stdout.write("ready\n");
