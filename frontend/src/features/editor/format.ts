/** The text of a flow in even layout: what it says, its comments and its blank lines stay. */
import { parseDocument } from "yaml";

/** Undefined when the text is no valid YAML, which is not for a layout to mend. */
export function formatted(text: string): string | undefined {
  const document = parseDocument(text, { keepSourceTokens: false });
  if (document.errors.length > 0) return undefined;
  return document.toString({ indent: 2, lineWidth: 0, flowCollectionPadding: false });
}
