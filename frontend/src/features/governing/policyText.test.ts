import { describe, expect, it } from "vitest";
import { asText, readWritten } from "./queries";

describe("the text of a policy", () => {
  const rules = [{ type: "orrery.policies.Require", on: "FLOW" as const, target: "labels.team" }];

  it("is read as it was written", () => {
    expect(readWritten(asText({ rules }))).toEqual({ rules });
    expect(readWritten(asText({ rules, target: { namespaces: ["prod"] } }))).toEqual({
      rules,
      target: { namespaces: ["prod"] },
    });
  });

  it("must be a map", () => {
    expect(() => readWritten("- a")).toThrow("Write a map");
    expect(() => readWritten("")).toThrow("Write a map");
  });
});
