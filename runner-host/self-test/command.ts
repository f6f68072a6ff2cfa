// `npm run runner -- self-test`: says whether this machine can be a runner host, check by check; its exit code says the same.

import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { HostUnfitError } from "../engine/host-requirements.ts";
import { buildImages } from "../image/build-images.ts";
import { testHost } from "./prove-host.ts";
import { describeOffer, describeResult, offerOf } from "./report.ts";

const IMAGES = fileURLToPath(new URL("../../.berth/images", import.meta.url));
const USAGE = "Usage: npm run runner -- self-test [--images-dir DIR] [--json]";

const EXIT_FAILED = 1;
const EXIT_REFUSED = 78;

/** Resolves with the exit code: 0 when all that a host can offer is offered. */
export async function selfTestCommand(args: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  let flags: { "images-dir"?: string | undefined; json?: boolean | undefined };
  try {
    flags = parseArgs({ args, options: { "images-dir": { type: "string" }, json: { type: "boolean" } } }).values;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}\n`);
    return EXIT_REFUSED;
  }
  const isJson = flags.json === true;
  const say = (line: string): void => void (isJson ? process.stderr : process.stdout).write(`${line}\n`);
  try {
    const directory = flags["images-dir"] ?? environment["BERTH_IMAGES_DIR"] ?? IMAGES;
    const images = await buildImages({ directory, onProgress: ({ message }) => say(`      ${message}`) });
    const report = await testHost(images, (result) => say(describeResult(result)));
    say(describeOffer(report));
    if (isJson) process.stdout.write(`${JSON.stringify({ ...report, offer: offerOf(report) })}\n`);
    return Object.values(offerOf(report)).every(Boolean) ? 0 : EXIT_FAILED;
  } catch (error) {
    if (!(error instanceof HostUnfitError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return EXIT_REFUSED;
  }
}
