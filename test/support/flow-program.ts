// The program that runs in a terminal while its ways are cut: it prints numbered lines at a pace and checks the numbers that three tabs type into it at once.

/** Each tab writes digits and comma in characters of its own, so that what several type at once can be told apart byte by byte. */
export const FLOW_KEYS = ["0123456789,", "abcdefghijk", "ABCDEFGHIJK"] as const;
/** Typed after all numbers: prints what is left, then the account. */
export const FLOW_END_KEY = "!";

export const FLOW_LINE_BYTES = 64;
const FILLER = "abcdefghijklmnopqrstuvwxyz".repeat(4);
const HEAD_CHARS = "n00000000 ".length;

export interface FlowOptions {
  /** Opens the output: what stood in the terminal before it is none of the flow. */
  readonly tag: string;
  readonly bytes: number;
  readonly bytesPerSecond: number;
  readonly seed: number;
}

/** Line `number` as the program prints it, without its end. */
export function flowLine(number: number): string {
  const start = number % 26;
  return `n${String(number).padStart(8, "0")} ${FILLER.slice(start, start + FLOW_LINE_BYTES - HEAD_CHARS - 1)}`;
}

/** Numbers from `first` on as that tab types them. */
export function flowInput(tab: number, first: number, count: number): string {
  const keys = FLOW_KEYS[tab];
  if (keys === undefined) throw new Error(`there are no keys for tab ${tab}`);
  const numbers = Array.from({ length: count }, (_, index) => `${first + index},`).join("");
  return numbers.replace(/[\d,]/g, (key) => keys["0123456789,".indexOf(key)] ?? key);
}

/** Output: `>tag`, then lines `n…`, `i<tab> <numbers taken>` and, when something is wrong, `!…`; last `=<lines> <taken by tab> <wrong> <sha256 of all since the tag>`. */
export function flowProgram({ tag, bytes, bytesPerSecond, seed }: FlowOptions): string {
  const tickMs = 50;
  const linesPerTick = (bytesPerSecond * tickMs) / 1_000 / FLOW_LINE_BYTES;
  return `import hashlib, os, random, select, termios, time, tty
KEYS = ${JSON.stringify(FLOW_KEYS)}
FILLER = "${FILLER}"
place = {ord(key): (tab, digit) for tab, keys in enumerate(KEYS) for digit, key in enumerate(keys)}
digest = hashlib.sha256()
dice = random.Random(${seed})
line, wrong, owed = 0, 0, 0.0
taken, partial = [0] * len(KEYS), [""] * len(KEYS)

def write(data):
    while data:
        data = data[os.write(1, data):]

def put(text):
    digest.update(text.encode())
    write(text.encode())

def put_lines(count):
    global line
    for start in range(line, line + count, 200):
        numbers = range(start, min(start + 200, line + count))
        put("".join("n%08d %s\\n" % (n, FILLER[n % 26:n % 26 + ${FLOW_LINE_BYTES - HEAD_CHARS - 1}]) for n in numbers))
    line += count

def take(data):
    global wrong
    touched = set()
    for byte in data:
        if byte not in place:
            wrong += 1
            put("!byte %d\\n" % byte)
            continue
        tab, digit = place[byte]
        if digit < 10:
            partial[tab] += str(digit)
            continue
        if partial[tab] != str(taken[tab]):
            wrong += 1
            put("!tab %d: %s where %d was next\\n" % (tab, partial[tab][:40], taken[tab]))
        taken[tab] += 1
        partial[tab] = ""
        touched.add(tab)
    for tab in sorted(touched):
        put("i%d %d\\n" % (tab, taken[tab]))

saved = termios.tcgetattr(0)
tty.setraw(0)
write(b"\\n>${tag}\\n")
due, has_ended = time.monotonic(), False
while not has_ended:
    ready, _, _ = select.select([0], [], [], max(0, due - time.monotonic()))
    if ready:
        data = os.read(0, 65536)
        has_ended = b"${FLOW_END_KEY}" in data
        take(data.replace(b"${FLOW_END_KEY}", b""))
    if time.monotonic() >= due:
        owed += ${linesPerTick} * (0.6 if dice.random() > 0.005 else 80)
        if dice.random() < 0.0005:
            owed += ${Math.floor(300_000 / FLOW_LINE_BYTES)}
        put_lines(int(owed))
        owed -= int(owed)
        due = max(due + ${tickMs / 1_000}, time.monotonic())
put_lines(max(0, ${Math.ceil(bytes / FLOW_LINE_BYTES)} - line))
write(("=%d %s %d %s\\n" % (line, " ".join(map(str, taken)), wrong, digest.hexdigest())).encode())
termios.tcsetattr(0, termios.TCSADRAIN, saved)
`;
}
