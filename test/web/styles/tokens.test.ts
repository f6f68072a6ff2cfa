// Holds the contrast of text in both themes to WCAG AA: 4.5 to 1.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { describeAppearance } from "../../../web/terminal/terminal-appearance.ts";

const css = readFileSync(new URL("../../../web/styles/tokens.css", import.meta.url), "utf8");
const AA = 4.5;

function token(name: string, theme: "light" | "dark"): string {
  const match = new RegExp(`--${name}: light-dark\\((#\\w{6}), (#\\w{6})\\)`).exec(css);
  const colour = theme === "light" ? match?.[1] : match?.[2];
  if (colour === undefined) throw new Error(`There is no colour token --${name}.`);
  return colour;
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(first: string, second: string): number {
  const [darker = 0, lighter = 0] = [luminance(first), luminance(second)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

describe.each(["light", "dark"] as const)("in the %s theme", (theme) => {
  it.each([
    ["text", "bg"],
    ["text", "surface"],
    ["text", "hover"],
    ["text-muted", "bg"],
    ["text-muted", "surface"],
    ["text-muted", "sunken"],
    ["text-muted", "terminal"],
    ["accent", "surface"],
    ["accent", "accent-soft"],
    ["on-accent", "accent"],
    ["on-accent", "accent-hover"],
    ["warning", "sunken"],
    ["text", "warning-soft"],
    ["text-muted", "warning-soft"],
    ["bad", "surface"],
    ["bad", "sunken"],
    ["text-muted", "bad-soft"],
    ["on-bad", "bad"],
  ])("%s is readable on %s", (text, background) => {
    expect(contrast(token(text, theme), token(background, theme))).toBeGreaterThanOrEqual(AA);
  });

  it("the terminal's colours are readable on its background, but for black", () => {
    const { theme: palette } = describeAppearance(theme === "dark", 14, false);
    const names = [
      "foreground",
      "red",
      "green",
      "yellow",
      "blue",
      "magenta",
      "cyan",
      "white",
      "brightBlack",
      "brightWhite",
    ];
    const weak = names.filter((name) => contrast(palette[name] ?? "", palette["background"] ?? "") < AA);
    expect(weak).toEqual([]);
  });
});
