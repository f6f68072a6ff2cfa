// Root of a session against the network: the machine's services, its neighbours, the platform's metadata, and sockets that have no network.

import { createSocket, type Socket as DatagramSocket } from "node:dgram";
import { once } from "node:events";
import { connect, createServer, type Server } from "node:net";
import { networkInterfaces } from "node:os";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { AttackGround, PYTHON } from "./attack-ground.ts";
import { namespaceOf } from "./machine-facts.ts";

let ground: AttackGround;
/** What of the machine's own services was reached: each is counted where it arrives. */
let reached = 0;
let port = 0;
const listeners: Server[] = [];
let datagrams: DatagramSocket;
const ABSTRACT = `berth-attack-${process.pid}`;

async function listen(where: { port: number; host: string } | string): Promise<Server> {
  const server = createServer((socket) => {
    reached += 1;
    socket.destroy();
  });
  listeners.push(server);
  server.listen(where);
  await once(server, "listening");
  return server;
}

beforeAll(async () => {
  ground = await AttackGround.open();
  const address = (await listen({ port: 0, host: "::" })).address();
  port = typeof address === "object" && address !== null ? address.port : 0;
  await listen(`\0${ABSTRACT}`);
  datagrams = createSocket("udp6").on("message", () => {
    reached += 1;
  });
  datagrams.bind(port);
  await once(datagrams, "listening");
});

/** Whatever a test has looked at itself: no service of the machine was reached, its interfaces and the neighbour are as they were. */
afterEach(async () => {
  expect(reached).toBe(0);
  await ground.expectUnharmed();
});

afterAll(async () => {
  for (const server of listeners) server.close();
  datagrams?.close();
  await ground?.close();
});

const sh = (script: string) => ground.attacker.sh(script);
const python = (script: string) => ground.attacker.python(script);

function machineAddresses(): string[] {
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return [
    ...own.filter(({ internal }) => !internal).map(({ address }) => address),
    "127.0.0.1",
    "::1",
    "172.17.0.1",
    "10.0.2.2",
    "192.168.0.1",
  ];
}

/** Tries to say something to each address, by TCP and UDP; prints those that took a connection. */
function knock(addresses: readonly string[], at: number): Promise<string> {
  return python(`
for address in ${JSON.stringify(addresses)}:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try: socket.socket(family, socket.SOCK_DGRAM).sendto(b"knock", (address, ${at}))
    except OSError: pass
    stream = socket.socket(family); stream.settimeout(1)
    try: stream.connect((address, ${at})); print(address)
    except OSError: pass`);
}

describe("the machine's network", () => {
  it("has services that a program on the machine reaches, so that the rest of this file could fail", async () => {
    const [socket, datagram] = [connect(port, "127.0.0.1"), createSocket("udp4")];
    socket.resume();
    datagram.send("knock", port, "127.0.0.1");
    connect(`\0${ABSTRACT}`).resume();
    await expect.poll(() => reached, { timeout: 5_000 }).toBe(3);
    datagram.close();
    reached = 0;
  });

  it("has none of its services reached: not by any address of its own, nor by its loopback", async () => {
    expect(await knock(machineAddresses(), port)).toBe("");
  });

  it("is not reached through routes, addresses and neighbours that root makes up", async () => {
    await sh(`
ip link add v0 type veth peer name v1; ip addr add 10.9.9.1/24 dev v0; ip link set v0 up; ip link set v1 up; ip route add default via 10.9.9.2 onlink dev v0
ip neigh replace 10.9.9.2 lladdr 02:00:00:00:00:01 dev v0; for parent in lo v0; do ip link add m0 link $parent type macvlan; ip link add i0 link $parent type ipvlan; done; true`);
    expect(
      await knock(
        machineAddresses().filter((address) => !["127.0.0.1", "::1", "172.17.0.1"].includes(address)),
        port,
      ),
    ).toBe("");
    await sh("ip link del v0");
  });

  it("is not reached by packets that are written by hand", async () => {
    await python(`
for name in [link for _, link in socket.if_nameindex()]:
    try:
        raw = socket.socket(17, 3, 0x300); raw.bind((name, 3))
        for destination in (b"\\xff" * 6, b"\\x02" * 6): raw.send(destination + b"\\x02\\0\\0\\0\\0\\1" + b"\\x08\\x00" + bytes(60))
    except OSError: pass`);
  });

  it("is given no interface of the session's, and gives none", async () => {
    const moved = await sh(
      `ip link add v0 type veth peer name v1; for pid in 1 ${ground.machine.engine.pid} ${process.pid}; do ip link set v0 netns $pid; done; ip link set eth0 netns 1 && echo TAKEN; ip link; ip link del v0; true`,
    );
    expect(moved).not.toMatch(/TAKEN|: eth\d/);
  });

  it("answers at the metadata address of clouds with nothing", async () => {
    expect(
      await sh(
        "for path in latest/meta-data computeMetadata/v1 metadata/instance; do curl -sS -m 2 http://169.254.169.254/$path && echo ANSWERED; done; curl -sS -m 2 -g 'http://[fd00:ec2::254]/' && echo ANSWERED; true",
      ),
    ).not.toContain("ANSWERED");
    await sh(
      "ip link add v0 type veth peer name v1; ip addr add 169.254.1.1/16 dev v0; ip link set v0 up; ip link set v1 up",
    );
    expect(await sh("curl -sS -m 2 http://169.254.169.254/ && echo ANSWERED; ip link del v0; true")).not.toContain(
      "ANSWERED",
    );
  });

  it("is not reached from a nested container either, by its bridge, its gateway or the host's network", async () => {
    const [address = "192.0.2.1"] = machineAddresses();
    const script = `for host in ${address} 172.17.0.1 host.docker.internal 169.254.169.254; do python3 -c "import socket, sys; socket.create_connection((sys.argv[1], ${port}), 1); print('ANSWERED')" $host 2> /dev/null; done; true`;
    for (const options of ["", "--net=host", "--add-host=host.docker.internal:host-gateway"])
      expect(
        await sh(`docker run --rm ${options} ${PYTHON} sh -c ${JSON.stringify(script).replaceAll("$", "\\$")}`),
      ).not.toContain("ANSWERED");
  });

  it("has names for nobody: no resolver of the machine's is asked", async () => {
    expect(
      await sh(
        "getent hosts example.com; getent hosts deb.debian.org; python3 -c 'import socket; print(socket.gethostbyname(\"example.com\"))' 2>&1 | tail -1",
      ),
    ).toMatch(/name resolution|not known/);
  });
});

describe("a neighbour's network", () => {
  it("is another one: what listens there on every address is not found", async () => {
    await ground.neighbour.sh(
      "cd /tmp && (setsid python3 -m http.server 8123 --bind 0.0.0.0 > /tmp/seen 2>&1 &) ; for i in $(seq 50); do curl -s -o /dev/null http://127.0.0.1:8123/own && break; sleep 0.1; done",
    );
    const addresses = ["127.0.0.1", "172.17.0.1", "172.17.0.2", "198.51.100.1", "0.0.0.0"];
    expect(await knock(addresses, 8123)).toBe("");
    expect(namespaceOf(await ground.attacker.firstProcess(), "net")).not.toBe(
      namespaceOf(await ground.neighbour.firstProcess(), "net"),
    );
    expect(await ground.neighbour.sh("pkill -f [h]ttp.server; grep -c GET /tmp/seen")).toBe("1");
  });

  it("is not taken over by addresses: the same one in two labs is two", async () => {
    await sh("ip addr add 10.77.0.1/24 dev lo");
    await ground.neighbour.sh("ip addr add 10.77.0.2/24 dev lo");
    expect(await knock(["10.77.0.2"], 22)).toBe("");
    expect(
      await ground.neighbour.sh("cat /proc/net/fib_trie | grep -c 10.77.0.1; ip addr del 10.77.0.2/24 dev lo"),
    ).toBe("0");
    await sh("ip addr del 10.77.0.1/24 dev lo");
  });
});

describe("sockets without a network", () => {
  it("in the machine's abstract names are not reached, nor a neighbour's", async () => {
    await ground.neighbour.sh(
      "(setsid python3 -c 'import signal, socket; s = socket.socket(socket.AF_UNIX); s.bind(\"\\0neighbour\"); s.listen(); signal.pause()' > /dev/null 2>&1 &)",
    );
    // Nobody reaches what is not there yet.
    const isThere = "timeout 10 sh -c 'until grep -q @neighbour /proc/net/unix; do :; done' && echo there";
    expect(await ground.neighbour.sh(isThere)).toBe("there");
    const met = await python(`
for name in ("\\0${ABSTRACT}", "\\0neighbour", "\\0/containerd-shim", "\\0dbus"):
    try: socket.socket(socket.AF_UNIX).connect(name); print("MET", repr(name))
    except OSError: pass
print([line for line in open("/proc/net/unix") if "berth" in line and "agent" not in line])`);
    expect(met).toBe("[]");
    expect(await ground.neighbour.sh(isThere)).toBe("there");
    await ground.neighbour.sh("pkill -f [n]eighbour");
  });

  it("of the hypervisor, the kernel's audit and device events tell and take nothing", async () => {
    const got = await python(`
try: socket.socket(40, 1); print("VSOCK")
except OSError: pass
audit = socket.socket(16, 3, 9); audit.settimeout(1)
for kind in (1000, 1001, 1005): # status, settings, a user's message
    try:
        audit.send(struct.pack("IHHII", 60, kind, 5, 1, 0) + bytes(44)); answer = audit.recv(4096)
        if struct.unpack_from("H", answer, 4)[0] != 2 or struct.unpack_from("i", answer, 16)[0] == 0: print("AUDIT", kind)
    except OSError: pass
events = socket.socket(16, 3, 15); events.settimeout(1)
try: events.bind((0, 1)); events.send(b"add@/devices/virtual/mem/null\\0" * 2); print("EVENTS SENT" if events.recv(10) else "")
except OSError: pass`);
    expect(got).toBe("");
  });

  it("in the folders of other sessions are not found: only the attacker's own is shown", async () => {
    const found = await sh(
      "find / -xdev -name 'agent.sock' 2> /dev/null; ls /run/berth/..; ls -d /run/berth-* /run/berth/s_* 2> /dev/null; true",
    );
    expect(found).not.toContain(ground.neighbour.session);
    expect(found).not.toMatch(/\/run\/berth-/);
  });
});
