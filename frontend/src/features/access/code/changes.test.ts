import { describe, expect, it } from "vitest";
import { changesOf } from "./changes";

describe("what a step changes", () => {
  it("names each right that goes or comes, and nothing that stays", () => {
    const before = { description: "", default: false, permissions: { FLOW: ["VIEW", "LIST"] } };
    const after = { description: "sees", default: false, permissions: { FLOW: ["VIEW"], KVSTORE: ["VIEW"] } };
    expect(changesOf({ action: "UPDATE", kind: "ROLE", name: "x", before, after })).toEqual([
      { sign: "-", text: "permissions.FLOW: LIST" },
      { sign: "+", text: "description: sees" },
      { sign: "+", text: "permissions.KVSTORE: VIEW" },
    ]);
  });

  it("has only lines that come for what is made", () => {
    const lines = changesOf({ action: "CREATE", kind: "MEMBER", name: "x", after: { owner: true } });
    expect(lines).toEqual([{ sign: "+", text: "owner: true" }]);
  });
});
