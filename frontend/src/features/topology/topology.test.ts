import { describe, expect, it } from "vitest";
import type { FlowGraph, TaskRun } from "@/api/types";
import { picture } from "./layout";
import { countedStates, taskStates } from "./taskStates";

const graph = {
  nodes: [
    { uid: "root", type: "GraphClusterRoot" },
    { uid: "root.a", type: "GraphTask", task: { id: "a", type: "Log" } },
    { uid: "root.loop.b", type: "GraphTask", task: { id: "b", type: "Log" } },
    { uid: "end", type: "GraphClusterEnd" },
  ],
  edges: [
    { source: "root", target: "root.a", relation: {} },
    { source: "root.a", target: "root.loop.b", relation: { relationType: "CHOICE", value: "yes" } },
    { source: "root.loop.b", target: "end" },
    { source: "root.a", target: "nowhere" },
  ],
  clusters: [{ cluster: { uid: "cluster_loop" }, nodes: ["root.loop.b"], parents: [] }],
} as unknown as FlowGraph;

describe("the picture", () => {
  const drawn = picture(graph, "LR");
  it("places each node after the one it follows", () => {
    const x = drawn.nodes.map((node) => node.x);
    expect([...x].sort((a, b) => a - b)).toEqual(x);
    expect(drawn.nodes.map(({ kind }) => kind)).toEqual(["point", "task", "task", "point"]);
  });
  it("draws no edge into the void and names choices", () => {
    expect(drawn.edges).toHaveLength(3);
    expect(drawn.edges[1]?.label).toBe("yes");
  });
  it("draws a box around the nodes of a cluster", () => {
    const [box] = drawn.boxes;
    const inside = drawn.nodes[2];
    expect(box?.label).toBe("loop");
    expect(box && inside && box.x < inside.x && box.x + box.width > inside.x + inside.width).toBe(true);
  });
});

describe("the state of a task", () => {
  const run = (taskId: string, current: string) => ({ taskId, state: { current } }) as unknown as TaskRun;
  it.each([
    [["SUCCESS", "RUNNING", "FAILED"], "RUNNING", 2],
    [["SUCCESS", "FAILED", "SUCCESS"], "FAILED", 3],
    [["SUCCESS", "SUCCESS"], "SUCCESS", 2],
  ])("with runs %j is %s", (states, state, ended) => {
    const found = taskStates(states.map((current) => run("a", current))).get("a");
    expect(found).toMatchObject({ state, ended, runs: states.length });
  });
  it("is the same from numbers", () => {
    const tasks = [{ taskId: "a", newest: "r", states: { SUCCESS: 19_000, FAILED: 2, RUNNING: 5 } }];
    const found = countedStates({ total: 19_007, states: {}, tasks }).get("a");
    expect(found).toEqual({ state: "RUNNING", ended: 19_002, runs: 19_007 });
  });
});
