import { z } from 'zod';

export type Json = Record<string, unknown>;

/** What the document keeps in one place, by its name. */
export interface Components {
  readonly schemas: Json;
  readonly examples: Json;
}

/** A schema as JSON Schema, its named parts moved to the components. */
export function jsonSchema(schema: z.ZodType, { schemas }: Components): Json {
  const { $schema: _dialect, $defs = {}, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  for (const [name, definition] of Object.entries($defs)) schemas[name] = intoComponents(definition);
  return intoComponents(rest) as Json;
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
