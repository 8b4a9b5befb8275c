/** What a key or a type means, told where the pointer rests. */

import { type EditorView, hoverTooltip, type Tooltip } from "@codemirror/view";
import { stringifyJson } from "@/api/json";
import { placeAt } from "./place";
import { type Schema, SchemaWalker } from "./schema";

export interface Meaning {
  /** The part of the text that is explained. */
  from: number;
  to: number;
  name: string;
  /** "string, required, default GET" */
  kind: string;
  text: string | undefined;
}

const WORD = /^([\s-]*)(?:"([^"]*)"|'([^']*)'|([^\s#'"{[&*!|>-][^:#]*?))(\s*):(?:(\s+)(\S+)|\s|$)/;

export function hoverDocs(schema: () => Schema | undefined) {
  return hoverTooltip(
    (view, position): Tooltip | null => {
      const current = schema();
      const meaning = current && meaningAt(current, view.state.doc.toString(), position);
      return meaning ? tooltip(meaning) : null;
    },
    { hoverTime: 350 },
  );
}

export function meaningAt(schema: Schema, text: string, position: number): Meaning | undefined {
  const start = text.lastIndexOf("\n", position - 1) + 1;
  const line = text.slice(start).split("\n", 1)[0] ?? "";
  const match = WORD.exec(line);
  if (!match) return undefined;
  const [, indent = "", double, single, plain, gap = "", space = "", value = ""] = match;
  const key = double ?? single ?? plain ?? "";
  const from = start + indent.length;
  const to = from + key.length + (plain === undefined ? 2 : 0);
  const place = placeAt(text, to);
  if (!place) return undefined;
  const walker = new SchemaWalker(schema);
  const own = place.siblings.get("type");
  if (position >= from && position <= to) {
    const schemas = walker.at(place.path, place.path.length > 0 ? own : undefined);
    return ofProperty(walker, schemas, key, from, to);
  }
  const begin = to + gap.length + 1 + space.length;
  if (key !== "type" || !own || position < begin || position > begin + value.length) return undefined;
  return ofType(walker.at(place.path, own), own, begin, begin + value.length);
}

function ofProperty(walker: SchemaWalker, schemas: Schema[], key: string, from: number, to: number) {
  const property = walker.properties(schemas).find(({ name }) => name === key);
  if (!property) return undefined;
  const known = walker.described(property.schema);
  const kind = [
    Array.isArray(known.type) ? known.type.join(" or ") : (known.type ?? walker.kindOf(property.schema)),
    property.required && "required",
    known.default !== undefined && `default ${stringifyJson(known.default)}`,
    (known.deprecated || known.$deprecated) && "deprecated",
  ];
  const text = known.markdownDescription ?? known.description;
  return { from, to, name: key, kind: kind.filter(Boolean).join(", "), text };
}

function ofType(schemas: Schema[], type: string, from: number, to: number): Meaning | undefined {
  const [known] = schemas;
  const text = known?.markdownDescription ?? known?.description;
  if (schemas.length !== 1 || !text) return undefined;
  return { from, to, name: type.split(".").pop() ?? type, kind: type, text };
}

function tooltip({ from, to, name, kind, text }: Meaning): Tooltip {
  return { pos: from, end: to, above: true, create: (view) => ({ dom: draw(view, name, kind, text) }) };
}

function draw(view: EditorView, name: string, kind: string, text: string | undefined): HTMLElement {
  const dom = view.dom.ownerDocument.createElement("div");
  dom.className = "cm-meaning";
  const head = dom.appendChild(dom.ownerDocument.createElement("div"));
  head.appendChild(dom.ownerDocument.createElement("strong")).textContent = name;
  head.appendChild(dom.ownerDocument.createElement("span")).textContent = kind;
  if (text) dom.appendChild(dom.ownerDocument.createElement("p")).textContent = text.replaceAll("`", "");
  return dom;
}
