import { describe, expect, it } from "vitest";
import { pasted } from "./pasted";

describe("what is pasted", () => {
  it("is told apart by how it begins and by its schema", () => {
    expect(pasted("dn: uid=ada,dc=test\nuid: ada")).toEqual({ entry: "dn: uid=ada,dc=test\nuid: ada" });
    expect(pasted('{"groups": ["eng"]}')).toEqual({ claims: { groups: ["eng"] } });
    const group = { schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"], displayName: "eng" };
    expect(pasted(JSON.stringify(group))).toEqual({ scim: group });
  });

  it("is refused where it is neither", () => {
    expect(() => pasted("{nonsense")).toThrow();
  });
});
