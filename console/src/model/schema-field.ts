/** A form made from a JSON Schema (draft 2020-12), as far as forms go; the rest is edited as JSON. */

export interface FieldBase {
  /** The property's name, or the number of an item. */
  readonly name: string;
  readonly label: string;
  readonly required: boolean;
  /** Whether `null` is a value of it. */
  readonly nullable: boolean;
  readonly description: string | null;
  /** What the schema demands, in words: `1 to 100 characters`. */
  readonly hint: string | null;
}

export type Field = FieldBase &
  (
    | { readonly kind: 'text'; readonly long: boolean }
    | { readonly kind: 'number'; readonly whole: boolean; readonly min: number | null; readonly max: number | null }
    | { readonly kind: 'boolean' }
    | { readonly kind: 'choice'; readonly options: readonly (string | number | boolean | null)[] }
    | { readonly kind: 'object'; readonly fields: readonly Field[] }
    | { readonly kind: 'list'; readonly item: Field }
    | { readonly kind: 'json' }
  );

interface Schema {
  readonly [keyword: string]: unknown;
}

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The form's root: an object, or JSON where the schema is none. */
export function formOf(schema: unknown): Field {
  return isSchema(schema) ? fieldOf(schema, '', true, schema, 0) : jsonField('', true);
}

/** Schemas can contain themselves: deeper than this it is JSON. */
const DEEPEST = 8;

function fieldOf(given: Schema, name: string, required: boolean, root: Schema, depth: number): Field {
  const schema = resolve(given, root);
  const base = { ...baseOf(schema, name, required), nullable: takesNull(given) };
  if (depth > DEEPEST) return { ...base, kind: 'json' };
  const options = optionsOf(schema);
  if (options) return { ...base, kind: 'choice', options };
  switch (typeOf(schema)) {
    case 'string':
      return { ...base, kind: 'text', long: numberOf(schema, 'maxLength') !== null && !isShort(schema) };
    case 'number':
    case 'integer':
      return { ...base, ...numberPart(schema) };
    case 'boolean':
      return { ...base, kind: 'boolean' };
    case 'object':
      return { ...base, ...objectPart(schema, root, depth) };
    case 'array':
      return { ...base, ...listPart(schema, root, depth) };
    default:
      return { ...base, kind: 'json' };
  }
}

function baseOf(schema: Schema, name: string, required: boolean): FieldBase {
  const title = schema['title'];
  return {
    name,
    label: typeof title === 'string' ? title : labelOf(name),
    required,
    nullable: false,
    description: typeof schema['description'] === 'string' ? schema['description'] : null,
    hint: hintOf(schema),
  };
}

const jsonField = (name: string, required: boolean): Field => ({ ...baseOf({}, name, required), kind: 'json' });

/** `paymentId` becomes `Payment id`. */
function labelOf(name: string): string {
  const words = name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .replaceAll(/[_-]+/g, ' ')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function takesNull(schema: Schema): boolean {
  const alternatives = [schema, ...listOf(schema, 'anyOf').filter(isSchema)];
  return alternatives.some(({ type }) => type === 'null' || (Array.isArray(type) && type.includes('null')));
}

/** Its one type besides null. */
function typeOf(schema: Schema): unknown {
  const { type } = schema;
  if (!Array.isArray(type)) return type;
  const others = type.filter((name) => name !== 'null');
  return others.length === 1 ? others[0] : undefined;
}

/** Follows `$ref`s within the document, and takes the one alternative that is not null. */
function resolve(schema: Schema, root: Schema): Schema {
  let current = schema;
  for (let hops = 0; hops < DEEPEST; hops++) {
    const next = targetOf(current, root) ?? onlyAlternative(current);
    if (!next) break;
    const { $ref: _ref, anyOf: _anyOf, ...own } = current;
    current = { ...next, ...own };
  }
  return current;
}

function targetOf(schema: Schema, root: Schema): Schema | null {
  const ref = schema['$ref'];
  if (typeof ref !== 'string' || !ref.startsWith('#')) return null;
  let target: unknown = root;
  for (const part of ref.split('/').slice(1)) {
    target = isSchema(target) ? target[part.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined;
  }
  return isSchema(target) ? target : null;
}

function onlyAlternative(schema: Schema): Schema | null {
  const alternatives = listOf(schema, 'anyOf')
    .filter(isSchema)
    .filter(({ type }) => type !== 'null');
  return alternatives.length === 1 ? (alternatives[0] ?? null) : null;
}

function optionsOf(schema: Schema): readonly (string | number | boolean | null)[] | null {
  const values = 'const' in schema ? [schema['const']] : listOf(schema, 'enum');
  const plain = values.filter((value) => value === null || ['string', 'number', 'boolean'].includes(typeof value));
  return plain.length > 0 ? (plain as (string | number | boolean | null)[]) : null;
}

function numberPart(schema: Schema) {
  const whole = typeOf(schema) === 'integer';
  // z.number().int() demands what JavaScript's numbers can hold, which says nothing to a person.
  return { kind: 'number', whole, min: boundOf(schema, 'minimum'), max: boundOf(schema, 'maximum') } as const;
}

function objectPart(schema: Schema, root: Schema, depth: number) {
  const { properties } = schema;
  if (!isSchema(properties)) return { kind: 'json' } as const;
  const required = new Set(listOf(schema, 'required'));
  const fields = Object.entries(properties).map(([name, property]) =>
    isSchema(property) ? fieldOf(property, name, required.has(name), root, depth + 1) : jsonField(name, false),
  );
  return { kind: 'object', fields } as const;
}

function listPart(schema: Schema, root: Schema, depth: number) {
  const { items } = schema;
  if (!isSchema(items)) return { kind: 'json' } as const;
  return { kind: 'list', item: fieldOf(items, '', true, root, depth + 1) } as const;
}

const listOf = (schema: Schema, keyword: string): readonly unknown[] => {
  const value = schema[keyword];
  return Array.isArray(value) ? value : [];
};

const numberOf = (schema: Schema, keyword: string): number | null => {
  const value = schema[keyword];
  return typeof value === 'number' ? value : null;
};

function boundOf(schema: Schema, keyword: string): number | null {
  const value = numberOf(schema, keyword);
  return value === null || Math.abs(value) >= Number.MAX_SAFE_INTEGER ? null : value;
}

const isShort = (schema: Schema): boolean => (numberOf(schema, 'maxLength') ?? 0) <= 200;

function hintOf(schema: Schema): string | null {
  const parts = [
    range(numberOf(schema, 'minLength'), numberOf(schema, 'maxLength'), ' characters'),
    range(boundOf(schema, 'minimum'), boundOf(schema, 'maximum'), ''),
    above(boundOf(schema, 'exclusiveMinimum'), boundOf(schema, 'exclusiveMaximum')),
    multiple(numberOf(schema, 'multipleOf')),
    range(numberOf(schema, 'minItems'), numberOf(schema, 'maxItems'), ' items'),
    typeof schema['format'] === 'string' ? schema['format'] : null,
    typeof schema['pattern'] === 'string' && schema['format'] === undefined ? `matches ${schema['pattern']}` : null,
  ].filter((part) => part !== null);
  return parts.length > 0 ? parts.join(', ') : null;
}

const said = (bound: number): string => bound.toLocaleString('en');

function range(min: number | null, max: number | null, unit: string): string | null {
  if (min !== null && max !== null) {
    return min === max ? `exactly ${said(min)}${unit}` : `${said(min)} to ${said(max)}${unit}`;
  }
  if (min !== null) return `at least ${said(min)}${unit}`;
  return max === null ? null : `at most ${said(max)}${unit}`;
}

function above(min: number | null, max: number | null): string | null {
  const parts = [min === null ? null : `more than ${said(min)}`, max === null ? null : `less than ${said(max)}`];
  const given = parts.filter((part) => part !== null);
  return given.length > 0 ? given.join(', ') : null;
}

const multiple = (step: number | null): string | null => (step === null ? null : `in steps of ${step}`);
