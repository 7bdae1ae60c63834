/** What a form holds while it is filled in, and the JSON it stands for. */
import type { FieldError } from '../api/client.ts';
import type { Field } from './schema-field.ts';

/** Numbers and JSON are held as text: half-written ones are not lost. `undefined`: left out. */
export type FormValue = string | boolean | undefined | readonly FormValue[] | { readonly [name: string]: FormValue };

type FormObject = { readonly [name: string]: FormValue };

const isText = ({ kind }: Field): boolean => kind === 'text' || kind === 'number' || kind === 'json';

export function emptyValue(field: Field): FormValue {
  if (field.nullable && !isText(field)) return undefined;
  switch (field.kind) {
    case 'object':
      return Object.fromEntries(
        field.fields.map((child) => [child.name, child.required ? emptyValue(child) : undefined]),
      );
    case 'list':
      return [];
    case 'boolean':
      return field.required ? false : undefined;
    case 'choice':
      return field.options.length === 1 && field.required ? JSON.stringify(field.options[0]) : undefined;
    case 'text':
    case 'number':
    case 'json':
      return '';
    default:
      return field satisfies never;
  }
}

/** The form of what was written as JSON; what does not fit its field is left empty. */
export function fillForm(field: Field, json: unknown): FormValue {
  if (json === undefined) return field.required ? emptyValue(field) : undefined;
  if (json === null && field.nullable) return isText(field) ? '' : undefined;
  switch (field.kind) {
    case 'object':
      return isObject(json)
        ? Object.fromEntries(field.fields.map((child) => [child.name, fillForm(child, json[child.name])]))
        : emptyValue(field);
    case 'list':
      return Array.isArray(json) ? json.map((item: unknown) => fillForm(field.item, item)) : [];
    case 'boolean':
      return typeof json === 'boolean' ? json : emptyValue(field);
    case 'text':
      return typeof json === 'string' ? json : '';
    case 'number':
      return typeof json === 'number' ? String(json) : '';
    case 'choice':
      return JSON.stringify(json);
    case 'json':
      return JSON.stringify(json, null, 2);
    default:
      return field satisfies never;
  }
}

const isObject = (json: unknown): json is Readonly<Record<string, unknown>> =>
  typeof json === 'object' && json !== null && !Array.isArray(json);

export interface ReadForm {
  /** `undefined`: left out. */
  readonly json: unknown;
  /** What cannot be read, by JSON pointer. What the schema demands is for the API to say. */
  readonly errors: Readonly<Record<string, string>>;
}

export function readForm(field: Field, value: FormValue): ReadForm {
  const errors: Record<string, string> = {};
  const json = read(field, value, '', errors);
  return { json, errors };
}

function read(field: Field, value: FormValue, pointer: string, errors: Record<string, string>): unknown {
  if (value === undefined || (value === '' && field.nullable))
    return field.nullable && field.required ? null : undefined;
  switch (field.kind) {
    case 'object':
      return readObject(field.fields, value as FormObject, pointer, errors);
    case 'list':
      return (value as readonly FormValue[]).map((item, index) =>
        read(field.item, item, `${pointer}/${index}`, errors),
      );
    case 'boolean':
      return value;
    case 'text':
      return value === '' && !field.required ? undefined : value;
    case 'number':
      return readNumber(field.required, value as string, pointer, errors);
    case 'choice':
    case 'json':
      return readJson(field.required, value as string, pointer, errors);
    default:
      return field satisfies never;
  }
}

function readObject(fields: readonly Field[], value: FormObject, pointer: string, errors: Record<string, string>) {
  const entries = fields.map((field) => [
    field.name,
    read(field, value[field.name], childPointer(pointer, field.name), errors),
  ]);
  return Object.fromEntries(entries.filter(([, json]) => json !== undefined)) as unknown;
}

function readNumber(required: boolean, text: string, pointer: string, errors: Record<string, string>): unknown {
  const trimmed = text.trim();
  if (trimmed === '') {
    if (required) errors[pointer] = 'A number is expected';
    return undefined;
  }
  const number = Number(trimmed);
  if (Number.isFinite(number)) return number;
  errors[pointer] = `A number is expected, got ${trimmed}`;
  return undefined;
}

function readJson(required: boolean, text: string, pointer: string, errors: Record<string, string>): unknown {
  if (text.trim() === '') {
    if (required) errors[pointer] = 'A value is expected';
    return undefined;
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    errors[pointer] = `This is not JSON: ${error instanceof Error ? error.message : String(error)}`;
    return undefined;
  }
}

export const childPointer = (pointer: string, name: string | number): string =>
  `${pointer}/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`;

/** The API's refusals by pointer. A pointer that no field has belongs to its nearest parent that is one, '' at last. */
export function messagesByPointer(errors: readonly FieldError[], field: Field): Readonly<Record<string, string>> {
  const messages: Record<string, string> = {};
  for (const { pointer, message } of errors) {
    const place = nearest(field, pointer);
    const rest = pointer.slice(place.length);
    const text = rest === '' ? message : `${rest.slice(1)}: ${message}`;
    messages[place] = place in messages ? `${messages[place]}; ${text}` : text;
  }
  return messages;
}

function nearest(root: Field, pointer: string): string {
  let field: Field = root;
  let place = '';
  for (const part of pointer.split('/').slice(1)) {
    const child = childOf(field, part.replaceAll('~1', '/').replaceAll('~0', '~'));
    if (!child) break;
    field = child;
    place = `${place}/${part}`;
  }
  return place;
}

function childOf(field: Field, name: string): Field | undefined {
  if (field.kind === 'object') return field.fields.find((child) => child.name === name);
  return field.kind === 'list' ? field.item : undefined;
}
