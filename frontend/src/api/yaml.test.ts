import { describe, expect, it } from "vitest";
import { anyJson, random, times } from "@/test/random";
import { parseJson, stringifyJson } from "./json";
import { parseYaml, stringifyYaml } from "./yaml";

describe("YAML", () => {
  it("keeps the digits of numbers from JSON and back to it", () => {
    times(200, (seed) => {
      const text = `{"value":${anyJson(random(seed))}}`;
      const yaml = stringifyYaml(parseJson(text));
      expect(stringifyJson(parseYaml(yaml))).toBe(text);
    });
  });

  it("shows them as they are", () => {
    expect(stringifyYaml(parseJson('{"id":7615917337495251231,"rate":1.50}'))).toBe(
      "id: 7615917337495251231\nrate: 1.50\n",
    );
  });

  it("refuses what it cannot read", () => {
    expect(() => parseYaml("a: [1")).toThrow();
  });
});
