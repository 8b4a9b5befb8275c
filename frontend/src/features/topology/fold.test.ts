import { describe, expect, it } from "vitest";
import type { FlowGraph } from "@/api/types";
import { folded, holdersOf } from "./fold";

const task = (uid: string) => ({ uid, task: { id: uid.split(".").pop(), type: "Log" } });
const graph = {
  nodes: [
    { uid: "root.start" },
    task("root.each"),
    task("root.each.if"),
    task("root.each.if.log"),
    { uid: "root.each.if.end" },
    { uid: "root.each.end" },
    task("root.after"),
    task("root.each2"),
  ],
  edges: [
    ["root.start", "root.each"],
    ["root.each", "root.each.if"],
    ["root.each.if", "root.each.if.log"],
    ["root.each.if.log", "root.each.if.end"],
    ["root.each.if.end", "root.each.end"],
    ["root.each.end", "root.after"],
    ["root.after", "root.each2"],
  ].map(([source, target]) => ({ source, target, relation: {} })),
  clusters: [
    { cluster: { uid: "cluster_root" }, nodes: [], parents: [] },
    { cluster: { uid: "cluster_root.each" }, nodes: ["root.each.if"], parents: ["cluster_root"] },
    {
      cluster: { uid: "cluster_root.each.if" },
      nodes: ["root.each.if.log"],
      parents: ["cluster_root", "cluster_root.each"],
    },
  ],
} as unknown as FlowGraph;
const uids = ({ nodes }: FlowGraph) => nodes?.map(({ uid }) => uid);
const ways = ({ edges }: FlowGraph) => edges?.map(({ source, target }) => `${source}>${target}`);

describe("a closed task", () => {
  it("is one that holds others", () => {
    expect([...holdersOf(graph)]).toEqual([
      ["root.each", 2],
      ["root.each.if", 1],
    ]);
  });

  it("hides what is inside of it, also inside of that, and leads on to what follows", () => {
    const shown = folded(graph, new Set(["root.each", "root.each.if"]));
    expect(uids(shown)).toEqual(["root.start", "root.each", "root.after", "root.each2"]);
    expect(ways(shown)).toEqual(["root.start>root.each", "root.each>root.after", "root.after>root.each2"]);
    expect(shown.clusters?.map(({ cluster }) => cluster?.uid)).toEqual(["cluster_root"]);
  });

  it("leaves what is around it", () => {
    const shown = folded(graph, new Set(["root.each.if"]));
    expect(uids(shown)).toContain("root.each.if");
    expect(uids(shown)).not.toContain("root.each.if.log");
    expect(ways(shown)).toContain("root.each.if>root.each.end");
  });
});
