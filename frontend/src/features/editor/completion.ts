/** Completion of keys, values and expressions from the schema and from the text itself. */
import {
  type Completion,
  type CompletionContext,
  type CompletionResult,
  pickedCompletion,
  startCompletion,
} from "@codemirror/autocomplete";
import type { EditorView } from "@codemirror/view";
import { expressionNames } from "./expressions";
import { type Place, placeAt } from "./place";
import { type Property, type Schema, SchemaWalker } from "./schema";

export function flowCompletion(schema: () => Schema | undefined) {
  let known: { schema: Schema; walker: SchemaWalker } | undefined;
  return (context: CompletionContext): CompletionResult | null => {
    const expression = completeExpression(context);
    if (expression) return expression;
    const current = schema();
    if (!current) return null;
    if (known?.schema !== current) known = { schema: current, walker: new SchemaWalker(current) };
    return completeYaml(context, known.walker);
  };
}

function completeYaml(context: CompletionContext, walker: SchemaWalker): CompletionResult | null {
  const place = placeAt(context.state.doc.toString(), context.pos);
  if (!place) return null;
  if (place.typed === "" && !context.explicit && place.key !== "type") return null;
  const schemas = walker.at(place.path, place.path.length > 0 ? place.siblings.get("type") : undefined);
  const from = context.pos - place.typed.length;
  if (place.kind === "value") {
    if (place.key === undefined) return null;
    const options = walker.values(schemas, place.key).map(
      ({ value, detail, info }): Completion => ({
        label: value,
        detail: place.key === "type" ? undefined : detail,
        info: place.key === "type" ? documentation(detail, info) : info,
        type: place.key === "type" ? "class" : "constant",
      }),
    );
    return options.length > 0 ? { from, options, validFor: /^[\w.$-]*$/ } : null;
  }
  if (!/^[\w.$-]*$/.test(place.typed)) return null;
  const options = walker
    .properties(schemas)
    .filter(({ name }) => name === place.typed || !place.siblings.has(name))
    .map((property) => propertyCompletion(property, place, walker));
  return options.length > 0 ? { from, options, validFor: /^[\w.$-]*$/ } : null;
}

function propertyCompletion(property: Property, place: Place, walker: SchemaWalker): Completion {
  const described = walker.described(property.schema);
  const deprecated = described.deprecated || described.$deprecated;
  return {
    label: property.name,
    detail: property.required ? "required" : typeName(described),
    info: documentation(described.title, described.markdownDescription ?? described.description),
    type: "property",
    boost: deprecated
      ? -50
      : property.required
        ? 20
        : property.name === "id" || property.name === "type"
          ? 30
          : 0,
    apply: (view, completion, from, to) =>
      insertKey(view, completion, from, to, endingOf(property, place, walker)),
  };
}

function insertKey(view: EditorView, completion: Completion, from: number, to: number, ending: string): void {
  const insert = completion.label + ending;
  view.dispatch({
    changes: { from, to, insert },
    selection: { anchor: from + insert.length },
    annotations: pickedCompletion.of(completion),
  });
  if (completion.label === "type") startCompletion(view);
}

function endingOf({ schema }: Property, { column }: Place, walker: SchemaWalker): string {
  const kind = walker.kindOf(schema);
  const indent = `\n${" ".repeat(column + 2)}`;
  if (kind === "list") return `:${indent}- `;
  return kind === "object" ? `:${indent}` : ": ";
}

function typeName({ type }: Schema): string | undefined {
  return Array.isArray(type) ? type.join(" or ") : type;
}

function documentation(title: string | undefined, text: string | undefined): string | undefined {
  const parts = [title, text].filter(Boolean);
  return parts.length > 0 ? parts.join("\n\n") : undefined;
}

/** After `{{`, what an expression may name in this flow. */
function completeExpression(context: CompletionContext): CompletionResult | null {
  const line = context.state.doc.lineAt(context.pos);
  const before = line.text.slice(0, context.pos - line.from);
  const open = before.lastIndexOf("{{");
  if (open < 0 || before.indexOf("}}", open) >= 0) return null;
  const typed = /[\w.]*$/.exec(before)?.[0] ?? "";
  const isFilter = /\|\s*[\w]*$/.test(before);
  const options = expressionNames(context.state.doc.toString(), isFilter);
  return { from: context.pos - typed.length, options, validFor: /^[\w.]*$/ };
}
