import { describe, expect, it } from "vitest";
import { dependencyPicture } from "./layout";

const flow = (id: string) => ({ uid: `acme_${id}`, namespace: "company", id });
const link = (source: string, target: string, relation = "FLOW_TASK") =>
  ({ source: `acme_${source}`, target: `acme_${target}`, relation }) as never;

describe("the picture of dependencies", () => {
  const drawn = dependencyPicture({
    nodes: [flow("c"), flow("a"), flow("b"), flow("lonely")],
    edges: [link("a", "b"), link("b", "c", "FLOW_TRIGGER"), link("b", "unknown")],
  });

  it("puts each flow after the one that leads to it", () => {
    const x = Object.fromEntries(drawn.flows.map(({ flow: { id }, ...at }) => [id, at.x]));
    expect((x.a ?? 0) < (x.b ?? 0) && (x.b ?? 0) < (x.c ?? 0)).toBe(true);
  });
  it("tells waiting from starting and draws no link to what one may not see", () => {
    expect(drawn.links.map(({ source, waits }) => [source, waits])).toEqual([
      ["acme_a", false],
      ["acme_b", true],
    ]);
  });
  it("keeps flows without any dependency out of it", () => {
    expect(drawn.alone.map(({ id }) => id)).toEqual(["lonely"]);
  });
});
