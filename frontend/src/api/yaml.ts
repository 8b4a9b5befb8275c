/** YAML values without loss: numbers that JSON can write keep their digits. */
import { parseDocument, type ScalarTag, stringify, visit } from "yaml";
import { Numeral } from "./json";

const JSON_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$/;

const numeral: ScalarTag = {
  tag: "tag:yaml.org,2002:float",
  default: true,
  identify: (value) => value instanceof Numeral,
  resolve: (text) => text,
  stringify: ({ value }) => String(value),
};

/** Throws what the parser says is wrong. */
export function parseYaml(text: string): unknown {
  const document = parseDocument(text);
  const [problem] = document.errors;
  if (problem) throw problem;
  visit(document, {
    Scalar(_key, node) {
      const { value, source } = node;
      if (typeof value !== "number" || !source || !JSON_NUMBER.test(source)) return;
      if (String(value) !== source) node.value = new Numeral(source);
    },
  });
  return document.toJS();
}

export function stringifyYaml(value: unknown): string {
  return stringify(value, { customTags: (tags) => [numeral, ...tags] });
}
