/** Which types of plugins a flow is made of, and which plugin defaults concern them. */

/** Every `type` of a plugin in a document, however deep it stands. */
export function typesIn(document: unknown, found = new Set<string>()): ReadonlySet<string> {
  if (Array.isArray(document)) for (const item of document) typesIn(item, found);
  else if (typeof document === "object" && document !== null) {
    for (const [key, value] of Object.entries(document)) {
      if (key === "type" && typeof value === "string" && value.includes(".")) found.add(value);
      else typesIn(value, found);
    }
  }
  return found;
}

/** A default is meant for its type, or for those that begin with it. */
export function concerns(type: string, types: ReadonlySet<string>): boolean {
  return [...types].some((one) => one.startsWith(type));
}
