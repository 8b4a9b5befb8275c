/** Walks a JSON schema: which properties and values are possible at a place. */
import { ITEM, type Step } from "./place";

export interface Schema {
  $ref?: string;
  title?: string;
  description?: string;
  markdownDescription?: string;
  type?: string | string[];
  properties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  items?: Schema | Schema[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  required?: string[];
  const?: unknown;
  enum?: unknown[];
  default?: unknown;
  definitions?: Record<string, Schema>;
  $defs?: Record<string, Schema>;
  deprecated?: boolean;
  $deprecated?: boolean;
}

export interface Property {
  name: string;
  required: boolean;
  schema: Schema;
}

export interface Choice {
  value: string;
  detail: string | undefined;
  info: string | undefined;
}

const DEEPEST = 8;

export class SchemaWalker {
  constructor(private readonly root: Schema) {}

  /** The schemas that the mapping at the end of the path may follow. */
  at(path: Step[], ownType: string | undefined): Schema[] {
    let schemas = this.open(this.root);
    for (const { key, type } of path) {
      const next = schemas.flatMap((schema) => this.step(schema, key));
      schemas = this.narrow(this.flatten(next), type);
    }
    return this.narrow(schemas, ownType);
  }

  properties(schemas: Schema[]): Property[] {
    const found = new Map<string, Property>();
    for (const schema of schemas) {
      for (const [name, property] of Object.entries(schema.properties ?? {})) {
        const required = schema.required?.includes(name) ?? false;
        const known = found.get(name);
        if (known) known.required &&= required;
        else found.set(name, { name, required, schema: property });
      }
    }
    return [...found.values()];
  }

  /** The values that are known for a property: types, enumerations, booleans. */
  values(schemas: Schema[], key: string): Choice[] {
    const choices = new Map<string, Choice>();
    for (const owner of schemas) {
      for (const schema of this.flatten(owner.properties?.[key] ? [owner.properties[key]] : [])) {
        for (const value of constants(schema)) {
          const about = key === "type" ? owner : schema;
          choices.set(value, {
            value,
            detail: about.title,
            info: about.markdownDescription ?? about.description,
          });
        }
      }
    }
    return [...choices.values()];
  }

  /** A property's schema with its references followed, for its documentation. */
  described(schema: Schema): Schema {
    const [inner] = this.flatten([schema]);
    return { ...inner, ...withoutRef(schema) };
  }

  kindOf(schema: Schema): "object" | "list" | "scalar" {
    const all = this.flatten([schema]);
    if (all.some(({ type, items }) => type === "array" || items !== undefined)) return "list";
    if (
      all.every(
        ({ type, properties, additionalProperties }) =>
          type === "object" || properties || additionalProperties,
      )
    ) {
      return all.length > 0 ? "object" : "scalar";
    }
    return "scalar";
  }

  private step(schema: Schema, key: string): Schema[] {
    if (key === ITEM) return Array.isArray(schema.items) ? schema.items : schema.items ? [schema.items] : [];
    const property = schema.properties?.[key];
    if (property) return [property];
    return typeof schema.additionalProperties === "object" ? [schema.additionalProperties] : [];
  }

  /** Only the schemas that declare this `type`, if any of them does. */
  private narrow(schemas: Schema[], type: string | undefined): Schema[] {
    if (type === undefined) return schemas;
    const exact = schemas.filter((schema) => {
      const declared = schema.properties?.type;
      return declared && this.flatten([declared]).some((one) => constants(one).includes(type));
    });
    return exact.length > 0 ? exact : schemas;
  }

  private open(schema: Schema): Schema[] {
    return this.flatten([schema]);
  }

  private flatten(schemas: Schema[], depth = 0): Schema[] {
    if (depth > DEEPEST) return [];
    return schemas.flatMap((schema) => {
      const known = this.resolve(schema);
      const nested = [...(known.anyOf ?? []), ...(known.oneOf ?? []), ...(known.allOf ?? [])];
      const own = nested.length === 0 || known.properties || known.items ? [known] : [];
      return [...own, ...this.flatten(nested, depth + 1)];
    });
  }

  private resolve(schema: Schema): Schema {
    let known = schema;
    for (let hops = 0; known.$ref && hops < DEEPEST; hops += 1) {
      known = { ...this.lookUp(known.$ref), ...withoutRef(known) };
    }
    return known;
  }

  private lookUp(reference: string): Schema {
    const [, ...keys] = reference
      .split("/")
      .map((key) => decodeURIComponent(key).replace(/~1/g, "/").replace(/~0/g, "~"));
    let found: unknown = this.root;
    for (const key of keys) found = (found as Record<string, unknown> | undefined)?.[key];
    return (found as Schema | undefined) ?? {};
  }
}

function withoutRef({ $ref, ...rest }: Schema): Schema {
  return rest;
}

function constants(schema: Schema): string[] {
  if (schema.const !== undefined) return [String(schema.const)];
  if (schema.enum) return schema.enum.map(String);
  return schema.type === "boolean" ? ["true", "false"] : [];
}
