import { describe, expect, it } from "vitest";
import { concerns, typesIn } from "./pluginTypes";

const FLOW = {
  inputs: [{ id: "a", type: "INT" }],
  tasks: [
    {
      id: "a",
      type: "io.kestra.plugin.core.flow.Parallel",
      tasks: [{ id: "b", type: "io.kestra.plugin.core.log.Log" }],
    },
  ],
};

describe("plugin types", () => {
  it("are found however deep they stand, and are no types of inputs", () => {
    expect([...typesIn(FLOW)]).toEqual([
      "io.kestra.plugin.core.flow.Parallel",
      "io.kestra.plugin.core.log.Log",
    ]);
  });

  it("are concerned by their own defaults and by those of what they begin with", () => {
    const types = typesIn(FLOW);
    expect(concerns("io.kestra.plugin.core.log.Log", types)).toBe(true);
    expect(concerns("io.kestra.plugin.core", types)).toBe(true);
    expect(concerns("io.kestra.plugin.scripts", types)).toBe(false);
  });
});
