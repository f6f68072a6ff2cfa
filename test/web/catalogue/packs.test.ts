// Shows the catalogue's order and filter.

import { expect, it } from "vitest";
import { filterChallenges, groupByPack } from "../../../web/catalogue/packs.ts";
import { firstImage, layerOrder, manyChallenges, multiStage } from "../sample-challenges.ts";

it("groups by pack in the order of the list", () => {
  const packs = groupByPack(manyChallenges);
  expect(packs.map(({ slug, challenges }) => [slug, challenges.length])).toEqual([
    ["docker", 3],
    ["shell", 12],
  ]);
  expect(packs[0]?.challenges.map(({ slug }) => slug)).toEqual(["first-image", "layer-order", "multi-stage"]);
});

it.each([
  ["", 3],
  ["  ", 3],
  ["LAYER", 2],
  ["layer cache", 1],
  ["advanced", 1],
  ["docker basics", 3],
  ["kubernetes", 0],
])("finds for %j %i challenges", (words, found) => {
  expect(filterChallenges([firstImage, layerOrder, multiStage], words)).toHaveLength(found);
});
