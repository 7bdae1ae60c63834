import { z } from 'zod';

export type Json = Record<string, unknown>;

/** What the document keeps in one place, by its name. */
export interface Components {
  readonly schemas: Json;
  readonly examples: Json;
}

/** A schema as JSON Schema, its named parts moved to the components. */
export function jsonSchema(schema: z.ZodType, { schemas }: Components): Json {
  const { parts, whole } = written.get(schema) ?? write(schema);
  Object.assign(schemas, parts);
  return whole;
}

/** A schema never changes, and the one of problem documents is in every operation. */
const written = new WeakMap<z.ZodType, { readonly parts: Json; readonly whole: Json }>();

function write(schema: z.ZodType) {
  const { $schema: _dialect, $defs = {}, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const json = { parts: intoComponents($defs) as Json, whole: intoComponents(rest) as Json };
  written.set(schema, json);
  return json;
}

function intoComponents(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(intoComponents);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) =>
      key === '$ref' && typeof member === 'string'
        ? [key, member.replace('#/$defs/', '#/components/schemas/')]
        : [key, intoComponents(member)],
    ),
  );
}
