import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { formatted } from "./format";

const UNTIDY = `# a comment
id:   x
labels: { team:   sales }
tasks:
    -   id: a

        message: >-
            long   text
        script: |
            if x:
                print("{{ y }}")
    # before b
    -   id: b
        note: "quoted: {{ z }}"
`;

describe("the layout", () => {
  it("is evened, what it says and its comments kept", () => {
    const text = formatted(UNTIDY) ?? "";
    expect(parse(text)).toEqual(parse(UNTIDY));
    expect(text).toContain("# a comment\nid: x\nlabels: {team: sales}\ntasks:\n  - id: a\n");
    expect(text).toContain("  # before b\n  - id: b\n");
    expect(text).toContain('note: "quoted: {{ z }}"');
  });
  it("is stable", () => {
    const once = formatted(UNTIDY) ?? "";
    expect(formatted(once)).toBe(once);
  });
  it("of broken text is left alone", () => {
    expect(formatted("id: [")).toBeUndefined();
  });
});
