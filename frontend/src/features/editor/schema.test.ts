import { describe, expect, it } from "vitest";
import { placeAt } from "./place";
import { type Schema, SchemaWalker } from "./schema";

const LOG = "io.kestra.plugin.core.log.Log";
const EACH = "io.kestra.plugin.core.flow.ForEach";

const schema: Schema = {
  $ref: "#/definitions/Flow",
  definitions: {
    Flow: {
      type: "object",
      required: ["id", "namespace", "tasks"],
      properties: {
        id: { type: "string" },
        namespace: { type: "string" },
        disabled: { type: "boolean" },
        tasks: {
          type: "array",
          items: { anyOf: [{ $ref: "#/definitions/Log" }, { $ref: "#/definitions/Each" }] },
        },
      },
    },
    Log: {
      type: "object",
      title: "Log a message",
      required: ["message"],
      properties: {
        id: { type: "string" },
        type: { const: LOG },
        message: { anyOf: [{ type: "string" }, { type: "array", items: { type: "string" } }] },
        level: { enum: ["INFO", "ERROR"] },
      },
    },
    Each: {
      type: "object",
      properties: {
        id: { type: "string" },
        type: { const: EACH },
        values: {},
        tasks: { $ref: "#/definitions/Flow/properties/tasks" },
      },
    },
  },
};
const walker = new SchemaWalker(schema);

/** The text with the cursor at `|`. */
function at(text: string) {
  const offset = text.indexOf("¦");
  const place = placeAt(text.replace("¦", ""), offset);
  if (!place) return undefined;
  const own = place.path.length > 0 ? place.siblings.get("type") : undefined;
  const schemas = walker.at(place.path, own);
  const names = walker
    .properties(schemas)
    .map(({ name }) => name)
    .filter((name) => !place.siblings.has(name));
  const values = place.key ? walker.values(schemas, place.key).map(({ value }) => value) : [];
  return {
    path: place.path.map(({ key }) => key).join("/"),
    kind: place.kind,
    typed: place.typed,
    names,
    values,
  };
}

describe("completion", () => {
  it("offers the properties of a flow that it has not yet", () => {
    expect(at("id: a\n¦")).toMatchObject({
      path: "",
      kind: "key",
      names: ["namespace", "disabled", "tasks"],
    });
  });

  it("offers the types of tasks", () => {
    expect(at("tasks:\n  - id: a\n    type: io¦")).toMatchObject({
      path: "tasks/[]",
      values: [LOG, EACH],
      typed: "io",
    });
  });

  it("offers only what the type of the task knows, wherever that stands", () => {
    expect(at(`tasks:\n  - id: a\n    type: ${LOG}\n    ¦`)?.names).toEqual(["message", "level"]);
    expect(at(`tasks:\n  - ¦\n    type: ${LOG}\n`)?.names).toContain("message");
  });

  it("understands lists that stand at the column of their key", () => {
    expect(at(`tasks:\n- id: a\n  type: ${LOG}\n  le¦`)).toMatchObject({ path: "tasks/[]", typed: "le" });
  });

  it("finds its way through nested tasks, past text blocks and other items", () => {
    const text = `id: x
tasks:
  - id: first
    type: ${LOG}
    message: |
      id: not a key
      type: nor this
  - id: each
    type: ${EACH}
    values: [1]
    tasks:
      - id: inner
        type: ${LOG}
        level: ¦`;
    expect(at(text)).toMatchObject({ path: "tasks/[]/tasks/[]", kind: "value", values: ["INFO", "ERROR"] });
  });

  it("offers nothing inside a block of text", () => {
    expect(at(`tasks:\n  - id: a\n    message: |\n      hello ¦`)).toBeUndefined();
  });

  it("offers both values of a switch", () => {
    expect(at("disabled: ¦")?.values).toEqual(["true", "false"]);
  });
});

describe("the kind of a property", () => {
  it.each([
    ["tasks", "list"],
    ["id", "scalar"],
  ])("%s is a %s", (name, kind) => {
    const property = walker.properties(walker.at([], undefined)).find((one) => one.name === name);
    expect(walker.kindOf(property?.schema ?? {})).toBe(kind);
  });
});
