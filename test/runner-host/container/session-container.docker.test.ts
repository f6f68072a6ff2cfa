// What a learner can do in a session container and what is refused to them, tried from inside on real Docker.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newId } from "#wire/ids.ts";
import type { ContainerEngine } from "../../../runner-host/engine/container-engine.ts";
import { type EngineMachine, startMachine } from "../engine/machine.ts";
import { StandInDaemon } from "../engine/stand-in-daemon.ts";

const PYTHON = "berth/python:3.11";

const SERVER = `
import http.server
class Hello(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"hello from the lab")
http.server.HTTPServer(("", 8000), Hello).serve_forever()
`;

let machine: EngineMachine;
let engine: ContainerEngine;
let learner: StandInDaemon;
const session = newId("s");

beforeAll(async () => {
  machine = await startMachine();
  engine = await machine.open();
  learner = await StandInDaemon.listen(await engine.openSocketDirectory(session));
  await engine.ensureContainer({ session, epoch: 1, images: [PYTHON] });
});

afterAll(async () => {
  await learner.close();
  await engine.close();
  await machine.close();
});

describe("a session container", () => {
  it("is an ordinary machine to the learner: own user, docker group, sudo without password, a home and a workspace", async () => {
    expect(await learner.read("id -un; id -u; pwd; echo $HOME; hostname")).toBe(
      "learner\n1000\n/workspace\n/home/learner\nlab",
    );
    expect(await learner.read("id -nG")).toContain("docker");
    expect(await learner.read("sudo id -u")).toBe("0");
    await learner.read("sudo touch /usr/local/bin/anything && touch ~/file /workspace/file /tmp/file");
  });

  it("has the full vim under both its names", async () => {
    expect(await learner.read("vim --version; vi --version")).toMatch(/\+syntax[\s\S]*\+syntax/);
  });

  it("lists the preloaded image in a fresh Docker at once", async () => {
    const images = await learner.read("docker images --format '{{.Repository}}:{{.Tag}}'");
    expect(images.split("\n").sort()).toEqual([PYTHON, "python:3.11-slim"]);
  });

  it("builds on the preloaded image, runs the result with a published port and reaches it", async () => {
    const dockerfile = `FROM ${PYTHON}\nWORKDIR /app\nCOPY server.py .\nRUN python --version > version\nCMD ["python", "server.py"]\n`;
    await learner.read(
      `mkdir -p app && cd app && cat > Dockerfile <<'EOF'\n${dockerfile}EOF\ncat > server.py <<'EOF'${SERVER}EOF`,
    );
    const built = await learner.run("cd app && docker build --progress=plain -t app .");
    expect(built).toMatchObject({ exitCode: 0, stderr: expect.stringContaining("exporting to image") });
    await learner.read("docker run -d --name web -p 8000:8000 app");
    expect(await learner.read("curl -s --retry 20 --retry-delay 1 --retry-all-errors localhost:8000")).toBe(
      "hello from the lab",
    );
    expect(await learner.read("docker exec web cat version")).toContain("Python 3.11");
  });

  it("counts only what a build added as its layers", async () => {
    const sizes = await learner.read("docker image inspect app python:3.11-slim --format '{{.Size}}'");
    const [app = 0, base = 0] = sizes.split("\n").map(Number);
    expect(app).toBeGreaterThan(base);
    expect(app - base).toBeLessThan(1024 * 1024);
  });

  it("lets the learner's containers find each other by name", async () => {
    await learner.read("docker network create lab && docker network connect lab web");
    const seen = await learner.read(
      `docker run --rm --network lab ${PYTHON} python -c 'import urllib.request as r; print(r.urlopen("http://web:8000").read().decode())'`,
    );
    expect(seen).toBe("hello from the lab");
  });

  it.each([
    ["a pull of an image that is not here", "docker pull node:latest"],
    ["a build on an image that is not here", "printf 'FROM node:latest\\n' | docker build --progress=plain -"],
    ["a build on one by the older builder", "printf 'FROM node:latest\\n' | DOCKER_BUILDKIT=0 docker build -"],
    ["a search of the registry", "docker search node"],
    ["apt-get update", "sudo apt-get update"],
    ["apt-get update in a nested container", `docker run --rm ${PYTHON} apt-get update`],
    ["a build that updates", `printf 'FROM ${PYTHON}\\nRUN apt-get update\\n' | docker build --progress=plain -`],
    ["pip install in a nested container", `docker run --rm ${PYTHON} pip install flask`],
    [
      "a build that installs",
      `printf 'FROM ${PYTHON}\\nRUN pip install flask==3.0\\n' | docker build --progress=plain -`,
    ],
    ["pip where there is none", "bash -ic 'pip install flask'"],
  ])("says that a lab has no network, and where to look, to %s", async (_, command) => {
    const { exitCode, stdout, stderr } = await learner.run(command);
    expect(exitCode).not.toBe(0);
    expect(`${stdout}${stderr}`).toMatch(/a.lab.has.no.network/i);
    expect(`${stdout}${stderr}`).toMatch(/docker images|use-what-is-here/);
  });

  it("leaves alone what needs no network: a registry, an archive and an index of the learner's own", async () => {
    await learner.read(
      "cd /tmp && (setsid python3 -m http.server 5000 > /tmp/asked 2>&1 < /dev/null &); curl -s -o /dev/null --retry 20 --retry-delay 1 --retry-all-errors 127.0.0.1:5000",
    );
    expect((await learner.run("docker pull localhost:5000/own")).stderr).not.toMatch(/no network/);
    expect((await learner.run("docker pull 127.0.0.1:5000/own")).stderr).not.toMatch(/no network/);
    await learner.run(
      "echo 'deb [trusted=yes] http://localhost:5000/archive ./' > /tmp/own.list; sudo apt-get update -o Dir::Etc::SourceList=/tmp/own.list",
    );
    expect(await learner.read("pkill -f [h]ttp.server; cat /tmp/asked")).toMatch(/GET \/v2\/[\s\S]*GET \/archive\//);
  });

  it("restarts an agent that died", async () => {
    const before = await learner.agentPid();
    learner.run(`kill -KILL ${before}`).catch(() => undefined);
    await expect.poll(() => learner.agentPid(), { timeout: 10_000 }).not.toBe(before);
  });

  it("starts a nested Docker again that died", async () => {
    await learner.read("sudo pkill -KILL -x dockerd");
    expect(await learner.read("timeout 30 docker images -q python:3.11-slim | wc -l")).toBe("1");
  });

  it("keeps workspace, home, installed files and Docker images over a stop and a start", async () => {
    const kept = newId("s");
    const owner = await StandInDaemon.listen(await engine.openSocketDirectory(kept));
    await engine.ensureContainer({ session: kept, epoch: 1, images: [PYTHON] });
    await owner.read(
      "echo 1 > /workspace/a; echo 2 > ~/b; echo 3 | sudo tee /usr/local/c; docker tag python:3.11-slim mine",
    );
    await engine.stopContainer(kept);
    await engine.ensureContainer({ session: kept, epoch: 1, images: [PYTHON] });
    expect(await owner.read("cat /workspace/a ~/b /usr/local/c; docker images -q mine | wc -l")).toBe("1\n2\n3\n1");
    await engine.ensureContainer({ session: kept, epoch: 2, images: [PYTHON] });
    expect(await owner.read("cat /workspace/a ~/b /usr/local/c; docker images -q mine | wc -l")).toBe("1\n2\n3\n1");
    await owner.close();
    await engine.removeContainer(kept);
  });
});
