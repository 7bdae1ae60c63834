import fc, { type Arbitrary } from 'fast-check';
import { z } from 'zod';

/** JSON Schema as zod writes it: the kinds that are in use. */
interface Schema {
  readonly type?: string;
  readonly $ref?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

type Definitions = Readonly<Record<string, Schema>>;

/** What a schema takes, but for its refinements: JSON Schema does not know those. */
export function arbitraryOf(schema: z.ZodType): Arbitrary<unknown> {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Schema;
  return valueOf(json, json.$defs ?? {});
}

/** The names of an object's members; none for any other schema. */
export function namesOf(schema: z.ZodType | undefined): readonly string[] {
  if (schema === undefined) return [];
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Schema;
  return Object.keys(json.properties ?? {});
}

function valueOf(schema: Schema, definitions: Definitions): Arbitrary<unknown> {
  if (schema.$ref !== undefined) return valueOf(definitions[schema.$ref.replace('#/$defs/', '')] ?? {}, definitions);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return fc.oneof(...choices.map((choice) => valueOf(choice, definitions)));
  if (schema.allOf !== undefined) return valueOf(Object.assign({}, ...schema.allOf) as Schema, definitions);
  return plainValueOf(schema, definitions);
}

function plainValueOf(schema: Schema, definitions: Definitions): Arbitrary<unknown> {
  switch (schema.type) {
    case 'object':
      return objectOf(schema, definitions);
    case 'array':
      return fc.array(valueOf(schema.items ?? {}, definitions), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? 5, 5),
      });
    case 'string':
      return textOf(schema);
    case 'integer':
      return fc.integer({ min: Math.ceil(least(schema)), max: Math.floor(most(schema)) });
    case 'number':
      return amountOf(schema);
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case undefined:
      return fc.jsonValue({ maxDepth: 3 });
    default:
      throw new Error(`No values are known for JSON Schema's type ${schema.type}`);
  }
}

function objectOf({ properties = {}, required = [], additionalProperties }: Schema, definitions: Definitions) {
  const members = Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, valueOf(schema, definitions)]),
  );
  const known = fc.record(members, { requiredKeys: [...required] });
  if (additionalProperties === undefined || additionalProperties === false) return known;
  const value = valueOf(additionalProperties === true ? {} : additionalProperties, definitions);
  const others = fc.dictionary(fc.string({ maxLength: 10 }), value, { maxKeys: 4 });
  return fc.tuple(others, known).map(([some, all]) => ({ ...some, ...all }));
}

function textOf({ format, pattern, minLength = 0, maxLength = 40 }: Schema): Arbitrary<string> {
  const date = fc.date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true });
  if (format === 'date-time') return date.map((time) => time.toISOString());
  if (format === 'uuid') return fc.uuid();
  if (format === 'uri') return fc.webUrl();
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern));
  return fc.string({ minLength, maxLength: Math.max(minLength, Math.min(maxLength, 200)) });
}

/** Whole ones and ones with two decimals: amounts of money are numbers, too. */
function amountOf(schema: Schema): Arbitrary<number> {
  const [min, max] = [Math.ceil(least(schema)), Math.floor(Math.min(most(schema), 1e9))];
  const whole = fc.integer({ min, max });
  return fc.oneof(
    whole,
    whole.map((value) => Math.min(value + 0.25, max)),
    fc.double({ min, max, noNaN: true }),
  );
}

const least = ({ minimum, exclusiveMinimum }: Schema) =>
  Math.max(minimum ?? (exclusiveMinimum === undefined ? -1_000_000 : exclusiveMinimum + 1), Number.MIN_SAFE_INTEGER);
const most = ({ maximum, exclusiveMaximum }: Schema) =>
  Math.min(maximum ?? (exclusiveMaximum === undefined ? 1_000_000 : exclusiveMaximum - 1), Number.MAX_SAFE_INTEGER);
