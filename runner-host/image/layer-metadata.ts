// Owns the names by which overlay2 finds a layer and the layers below it; pure.

export interface Layer {
  /** sha256 over the layer and all below it, in hex; here also the name of its folder. */
  chainId: string;
  parentChainId: string | null;
}

const LINK_CHARS = 26;

/** overlay2 finds a layer by a short name in `l/`, so that the options of a mount with many layers fit in a page. */
export function linkName(chainId: string): string {
  return chainId.slice(0, LINK_CHARS).toUpperCase();
}

/** Content of a layer's `lower` file: the layers below it, nearest first; null for a bottom layer. */
export function lowerLayers(layer: Layer, all: Layer[]): string | null {
  const names: string[] = [];
  for (let at = layer.parentChainId; at !== null;) {
    const parent = all.find((one) => one.chainId === at);
    if (parent === undefined) throw new Error(`layer ${layer.chainId} stands on ${at}, which is not there`);
    names.push(`l/${linkName(parent.chainId)}`);
    at = parent.parentChainId;
  }
  return names.length === 0 ? null : names.join(":");
}
