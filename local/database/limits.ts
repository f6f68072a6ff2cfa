// The limits of reading content packs from disk, each with its reason; those of a version itself are in schema/wire/limits.ts.

const KiB = 1024;
const MiB = 1024 * KiB;

export const packLimits = {
  /** pack.yaml or challenge.yaml: a page of text, with room. */
  yamlBytes: 64 * KiB,
  /** Everything in one challenge's folder. */
  folderFiles: 4_000,
  folderBytes: 32 * MiB,
  folderDepth: 32,
  challengesPerPack: 500,
} as const;

export type PackLimits = { readonly [Name in keyof typeof packLimits]: number };
