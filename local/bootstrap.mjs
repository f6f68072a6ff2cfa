// Makes node_modules match package-lock.json before any script runs. Only Node built-ins, and nothing newer than Node 20.

import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { inspectPackages } from "./bootstrap/packages.mjs";

const PROJECT = fileURLToPath(new URL("..", import.meta.url));
const NODE_MAJOR_MIN = 20;
const NPM_MAJOR_MIN = 10;
/** How often a long step says that it is still going. */
const PROGRESS_EVERY_MS = 10_000;
/** npm finishes a download before it heeds a signal. */
const STOP_MS = 1_000;

/** @param {string} problem one sentence that says what to do. @returns {never} */
function refuse(problem) {
  process.stderr.write(`${problem}\n`);
  process.exit(1);
}

function checkVersions() {
  const nodeMajor = Number(process.versions.node.split(".")[0]);
  if (nodeMajor < NODE_MAJOR_MIN) refuse(`Berth needs Node ${NODE_MAJOR_MIN} or newer; this is ${process.version}.`);
  const npmVersion = /\bnpm\/(\d+)\./.exec(process.env["npm_config_user_agent"] ?? "")?.[1];
  if (npmVersion !== undefined && Number(npmVersion) < NPM_MAJOR_MIN) {
    refuse(
      `Berth needs npm ${NPM_MAJOR_MIN} or newer; this is npm ${npmVersion}. Update it with: npm install --global npm`,
    );
  }
}

/** @param {string} path @returns {Record<string, { version?: string }> | null} */
function readPackages(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")).packages : null;
}

/** npm writes node_modules/.package-lock.json last, so that a broken-off installation never looks complete. */
function findReason() {
  const wanted = readPackages(join(PROJECT, "package-lock.json"));
  if (wanted === null) refuse("package-lock.json is missing: this is not a complete copy of Berth.");
  return inspectPackages(wanted, readPackages(join(PROJECT, "node_modules/.package-lock.json")));
}

/** Without node_modules/.bin, whose node is about to be replaced. */
function pathOutsideProject() {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.filter((folder) => !folder.endsWith(join("node_modules", ".bin"))).join(delimiter);
}

/** @param {string} reason */
function install(reason) {
  const startedAt = Date.now();
  const seconds = () => Math.round((Date.now() - startedAt) / 1000);
  const child = spawn("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: PROJECT,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, PATH: pathOutsideProject() },
  });
  // An unfinished installation is not marked as one, so that the next start begins it anew.
  const stop = () => {
    clearInterval(ticker);
    child.removeAllListeners("close").once("exit", () => refuse("Stopped; start again to go on."));
    child.kill("SIGTERM");
    setTimeout(() => child.kill("SIGKILL"), STOP_MS);
  };
  process.once("SIGINT", stop).once("SIGTERM", stop).once("SIGHUP", stop);
  process.stdout.write(`Installing npm packages (${reason}); about a minute.\n`);
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      said = (said + text).slice(-8_000);
    });
  }
  const ticker = setInterval(() => process.stdout.write(`  still installing, ${seconds()} s\n`), PROGRESS_EVERY_MS);
  child.once("error", (error) => refuse(`npm could not be started: ${error.message}`));
  child.once("close", (code) => {
    clearInterval(ticker);
    if (code !== 0)
      refuse(`${said.trim()}\nnpm ci failed. Is the package registry reachable? Run the command again when it is.`);
    process.stdout.write(`Installed npm packages in ${seconds()} s.\n`);
  });
}

checkVersions();
const reason = findReason();
if (reason !== null) install(reason);
