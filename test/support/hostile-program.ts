// A program that a learner runs to take the agent's place at the daemon's socket, and then speaks badly.

import { AGENT_PROTOCOL_VERSION } from "#wire/version.ts";

/** For Python 3 in a session's container. */
export const hostileAgentProgram = `import json, os, random, socket, struct, time
def frame(kind, payload):
    return struct.pack(">IB", len(payload) + 1, kind) + payload
def say(message):
    return frame(0, json.dumps(message).encode())
def output(connection, offset):
    return frame(1, struct.pack(">HBHI", connection, random.randrange(8), 0, offset) + b"x" * 32768)
def size():
    return {"cols": random.randint(1, 1000), "rows": random.randint(1, 1000)}
misdeeds = [
    lambda: os.urandom(100000),
    lambda: struct.pack(">IB", 2 ** 31, 0),
    lambda: b"".join(output(0, n * 32768) for n in range(100)),
    lambda: b"".join(output(random.randrange(9), n) for n in range(100)),
    lambda: say({"type": "resized", "terminal": random.randrange(8), **size()}) * 20000,
    lambda: say({"type": "exited", "terminal": random.randrange(8), "exitCode": 0}) * 20000,
    lambda: say({"type": "probed", "connection": random.randint(1, 9), "probe": 1, "at": "container"}) * 20000,
    lambda: say({"type": "behind", "connection": random.randint(1, 9), "terminal": 0, "offset": 1}) * 1000,
    lambda: say({"type": "received", "connection": random.randint(1, 9), "terminal": 0, "offset": 1}) * 1000,
    lambda: frame(0, b"[" * 30000),
]
while True:
    try:
        with socket.socket(socket.AF_UNIX) as daemon:
            daemon.settimeout(2)
            daemon.connect("/run/berth/agent.sock")
            daemon.sendall(say({"type": "hello", "protocolVersion": ${AGENT_PROTOCOL_VERSION}, "terminals": []}))
            for _ in range(random.randint(1, 20)):
                daemon.sendall(random.choice(misdeeds)())
                time.sleep(random.random() / 20)
    except OSError:
        time.sleep(0.05)
`;
