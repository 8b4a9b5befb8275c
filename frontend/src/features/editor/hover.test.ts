import { describe, expect, it } from "vitest";
import { meaningAt } from "./hover";
import type { Schema } from "./schema";

const LOG = "io.kestra.plugin.core.log.Log";
const schema: Schema = {
  type: "object",
  required: ["id"],
  properties: {
    id: { type: "string", description: "Its name." },
    tasks: {
      type: "array",
      items: {
        anyOf: [
          {
            type: "object",
            description: "Writes a line.",
            properties: {
              id: { type: "string" },
              type: { const: LOG },
              level: { type: "string", default: "INFO", description: "How loud: `INFO`." },
            },
          },
          { type: "object", properties: { type: { const: "other" }, level: { type: "number" } } },
        ],
      },
    },
  },
};
const text = `id: x
tasks:
  - id: a
    type: ${LOG}
    level: WARN
    message: |
      level: not a key
`;
const at = (part: string, last = false) =>
  meaningAt(schema, text, (last ? text.lastIndexOf(part) : text.indexOf(part)) + 1);

describe("what stands under the pointer", () => {
  it("is explained as the key that it is at its place", () => {
    expect(at("id: x")).toMatchObject({ name: "id", kind: "string, required", text: "Its name." });
    expect(at("level")).toMatchObject({ kind: 'string, default "INFO"', text: "How loud: `INFO`." });
  });
  it("is explained as a type", () => {
    const found = at(LOG);
    expect(found).toMatchObject({ name: "Log", kind: LOG, text: "Writes a line." });
    expect(text.slice(found?.from, found?.to)).toBe(LOG);
  });
  it("is not explained when it is a value, unknown, or text in a block", () => {
    expect(at("WARN")).toBeUndefined();
    expect(at("message")).toBeUndefined();
    expect(at("level: not", true)).toBeUndefined();
  });
});
