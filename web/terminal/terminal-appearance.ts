// How the terminal looks: its palettes for both themes, font and size, as xterm.js takes them.

export type TerminalAppearance = {
  theme: Record<string, string>;
  fontFamily: string;
  fontSize: number;
  lineHeight: number;
  screenReaderMode: boolean;
};

export const fontSizes = { min: 10, normal: 14, max: 24 } as const;

const fontFamily =
  'ui-monospace, "Cascadia Code", "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace';

const dark = {
  background: "#0f1418",
  foreground: "#d7dee4",
  cursor: "#6cc7dc",
  cursorAccent: "#0f1418",
  selectionBackground: "#2c5563",
  selectionInactiveBackground: "#26363e",
  scrollbarSliderBackground: "#ffffff26",
  scrollbarSliderHoverBackground: "#ffffff3d",
  scrollbarSliderActiveBackground: "#ffffff52",
  black: "#1f272d",
  red: "#f07a72",
  green: "#7cc88f",
  yellow: "#dcb95f",
  blue: "#78aef2",
  magenta: "#c99bea",
  cyan: "#63c5d8",
  white: "#cbd3da",
  brightBlack: "#75838e",
  brightRed: "#ff9a92",
  brightGreen: "#9be0aa",
  brightYellow: "#f0d17f",
  brightBlue: "#9cc6ff",
  brightMagenta: "#dfbafa",
  brightCyan: "#8fe0ee",
  brightWhite: "#f4f7f9",
};

const light = {
  background: "#fcfdfd",
  foreground: "#24303a",
  cursor: "#0f6e84",
  cursorAccent: "#fcfdfd",
  selectionBackground: "#bfe1ea",
  selectionInactiveBackground: "#dde6ea",
  scrollbarSliderBackground: "#00000026",
  scrollbarSliderHoverBackground: "#0000003d",
  scrollbarSliderActiveBackground: "#00000052",
  black: "#24303a",
  red: "#b3261e",
  green: "#1d7a3b",
  yellow: "#8a6100",
  blue: "#1f5fbf",
  magenta: "#8a3ab0",
  cyan: "#0b7285",
  white: "#5c6a75",
  brightBlack: "#667580",
  brightRed: "#c9362d",
  brightGreen: "#23893f",
  brightYellow: "#956b00",
  brightBlue: "#2f6fd1",
  brightMagenta: "#9c48c4",
  brightCyan: "#0f7f94",
  brightWhite: "#3d4a55",
};

export function describeAppearance(isDark: boolean, fontSize: number, screenReaderMode: boolean): TerminalAppearance {
  return { theme: isDark ? dark : light, fontFamily, fontSize, lineHeight: 1.15, screenReaderMode };
}
