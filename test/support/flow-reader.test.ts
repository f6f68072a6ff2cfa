// The reader of the flow takes what the program prints, in pieces of any size, and nothing else.

import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { flowInput, flowLine } from "./flow-program.ts";
import { FlowReader } from "./flow-reader.ts";

const LINES = ["i0 3", "i2 1", "i0 4"];
const BODY = [flowLine(0), LINES[0], flowLine(1), flowLine(2), LINES[1], LINES[2], flowLine(3)];

function account(body: readonly (string | undefined)[]): string {
  const digest = createHash("sha256").update(body.map((line) => `${line}\n`).join(""));
  return `=4 4 0 1 0 ${digest.digest("hex")}`;
}

function read(body: readonly (string | undefined)[], end: string, pieceBytes = 1_000): FlowReader {
  const reader = new FlowReader("t1");
  const bytes = Buffer.from(["$ python3\r", ">t1", ...body, end, "$ "].join("\n"));
  for (let start = 0; start < bytes.length; start += pieceBytes) reader.take(bytes.subarray(start, start + pieceBytes));
  return reader;
}

describe("the reader of the flow", () => {
  it.each([1, 7, 64, 10_000])("takes a whole flow in pieces of %i bytes", (pieceBytes) => {
    const reader = read(BODY, account(BODY), pieceBytes);
    expect(reader.fault).toBeNull();
    expect(reader).toMatchObject({ hasBegun: true, hasEnded: true, lines: 4, taken: [4, 0, 1] });
  });

  it.each([
    ["lost", BODY.toSpliced(2, 1)],
    ["repeated", BODY.toSpliced(2, 0, flowLine(0))],
    ["out of order", BODY.with(2, flowLine(2)).with(3, flowLine(1))],
    ["changed in one byte", BODY.with(2, flowLine(1).replace("z", "y"))],
    ["told twice", BODY.toSpliced(5, 0, LINES[2])],
    ["refused by the program", BODY.toSpliced(4, 0, "!tab 0: 3 where 2 was next")],
  ])("finds a line that is %s", (_, body) => {
    expect(read(body, account(BODY)).fault).not.toBeNull();
  });

  it.each(["=3 4 0 1", "=4 5 0 1", "=4 4 0 2"])("finds that the program's account begins %s instead", (start) => {
    expect(read(BODY, account(BODY).replace(/^=4 4 0 1/, start)).fault).toContain("account");
  });

  it("finds that the program refused input", () => {
    expect(read(BODY, account(BODY).replace(" 1 0 ", " 1 1 ")).fault).toContain("account");
  });

  it("has input of one tab told from another's by its characters", () => {
    expect(flowInput(0, 9, 2)).toBe("9,10,");
    expect(flowInput(1, 9, 2)).toBe("jkbak");
  });
});
