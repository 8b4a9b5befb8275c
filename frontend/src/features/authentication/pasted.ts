/** What was pasted to see what would follow: claims, an entry of a directory, or a body of SCIM. */
import { parseJson } from "@/api/json";

export type Pasted =
  | { claims: Record<string, unknown> }
  | { entry: string }
  | { scim: Record<string, unknown> };

const SCIM = "urn:ietf:params:scim:";

/** A text that is no object is an entry, as directories write it. */
export function pasted(text: string): Pasted {
  if (!text.trimStart().startsWith("{")) return { entry: text };
  const body = parseJson(text) as Record<string, unknown>;
  const schemas = Array.isArray(body.schemas) ? body.schemas : [];
  return schemas.some((each) => String(each).startsWith(SCIM)) ? { scim: body } : { claims: body };
}
