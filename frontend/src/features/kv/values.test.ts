import { describe, expect, it } from "vitest";
import { parseJson } from "@/api/json";
import type { Pair, PairRow } from "@/api/types";
import { anyJson, random, times, wholeText } from "@/test/random";
import { bodyOf, draftOf, NEW_PAIR, type PairDraft, pairProblem, ttlOf } from "./values";

const pair = (type: string, value: unknown) => ({ type, value }) as Pair;
const row = { key: "k" } as PairRow;

describe("a new value", () => {
  it.each([
    ["42", "42"],
    ["true", "true"],
    ['{"a": [1]}', '{"a": [1]}'],
    ["hello world", '"hello world"'],
    ['"quoted"', '"quoted"'],
    ["", '""'],
    ["2026-01-01", "2026-01-01"],
    ["PT1H", "PT1H"],
    ["PAINT", '"PAINT"'],
    ["7615917337495251231", "7615917337495251231"],
  ])("%j is sent as %s", (text, sent) => {
    expect(bodyOf({ ...NEW_PAIR, text })).toBe(sent);
  });
});

describe("a known value", () => {
  it.each([
    ["STRING", '"123"', '"123"'],
    ["NUMBER", "7615917337495251231", "7615917337495251231"],
    ["NUMBER", "1.50", "1.50"],
    ["BOOLEAN", "false", "false"],
    ["DATE", '"2026-01-01"', "2026-01-01"],
    ["DURATION", '"PT1H"', "PT1H"],
    ["JSON", '{"id":7615917337495251231}', '{"id":7615917337495251231}'],
  ])("of type %s keeps it", (type, value, sent) => {
    const draft = draftOf(row, pair(type, parseJson(value)));
    expect(pairProblem(draft)).toBeUndefined();
    expect(bodyOf(draft)).toBe(sent);
  });

  it("comes back whatever it holds", () => {
    times(300, (seed) => {
      const draw = random(seed);
      const [text, map] = [wholeText(draw), `{"a":${anyJson(draw)}}`];
      expect(JSON.parse(bodyOf(draftOf(row, pair("STRING", text))))).toBe(text);
      expect(parseJson(bodyOf(draftOf(row, pair("JSON", parseJson(map)))))).toEqual(parseJson(map));
    });
  });

  it.each([
    ["NUMBER", "x"],
    ["BOOLEAN", "1"],
    ["JSON", "{"],
    ["JSON", "1"],
    ["STRING", "a\0"],
  ])("of type %s is not %j", (type, text) => {
    expect(pairProblem({ ...NEW_PAIR, type, text } as PairDraft)).toBeTruthy();
  });

  it("is gone when it was to be gone", () => {
    const date = "2026-01-01T01:00:00Z";
    expect(ttlOf({ kind: "keep", date }, Date.parse("2026-01-01T00:00:00.500Z"))).toBe("PT3599.500S");
    expect(ttlOf({ kind: "after", ttl: "P1D" }, 0)).toBe("P1D");
    expect(ttlOf({ kind: "never" }, 0)).toBeUndefined();
  });
});
