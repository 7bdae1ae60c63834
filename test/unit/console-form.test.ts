import fc from 'fast-check';
import { z } from 'zod';
import { emptyValue, fillForm, messagesByPointer, readForm } from '../../console/src/model/form-value.ts';
import { formOf, type Field } from '../../console/src/model/schema-field.ts';

const formFor = (schema: z.ZodType) => formOf(z.toJSONSchema(schema, { io: 'input' }));

function fieldsOf(form: Field): readonly Field[] {
  if (form.kind !== 'object') throw new Error(`An object is expected, got ${form.kind}`);
  return form.fields;
}

const trip = z.object({
  city: z.string().min(1).max(100),
  notes: z.string().max(2_000).optional(),
  cents: z.number().int().min(1),
  price: z.number().positive().multipleOf(0.01),
  urgent: z.boolean(),
  seat: z.enum(['aisle', 'window']).optional(),
  guest: z.object({ name: z.string(), age: z.number().int().nullable() }).optional(),
  emails: z.array(z.email()).max(3),
  extra: z.unknown(),
});

describe('the form of a schema', () => {
  test('has a control for each kind of value', () => {
    const kinds = fieldsOf(formFor(trip)).map(({ name, kind, required }) => [name, kind, required]);
    expect(kinds).toEqual([
      ['city', 'text', true],
      ['notes', 'text', false],
      ['cents', 'number', true],
      ['price', 'number', true],
      ['urgent', 'boolean', true],
      ['seat', 'choice', false],
      ['guest', 'object', false],
      ['emails', 'list', true],
      ['extra', 'json', expect.any(Boolean)],
    ]);
  });

  test('says what the schema demands, in words', () => {
    const hints = Object.fromEntries(fieldsOf(formFor(trip)).map(({ name, hint }) => [name, hint]));
    expect(hints).toMatchObject({
      city: '1 to 100 characters',
      notes: 'at most 2,000 characters',
      cents: 'at least 1',
      price: 'more than 0, in steps of 0.01',
      urgent: null,
      emails: 'at most 3 items',
    });
  });

  test('labels are the names in words', () => {
    const [field] = fieldsOf(formFor(z.object({ customerFirstName: z.string() })));
    expect(field?.label).toBe('Customer first name');
  });

  test('a value that may be null is edited as what it is otherwise', () => {
    const [field] = fieldsOf(formFor(z.object({ age: z.number().nullable() })));
    expect([field?.kind, field?.nullable]).toEqual(['number', true]);
  });

  test('a schema that contains itself ends as JSON', () => {
    interface Tree {
      children: Tree[];
    }
    const tree: z.ZodType<Tree> = z.lazy(() => z.object({ children: z.array(tree) }));
    let field: Field | undefined = formFor(z.object({ tree }));
    let depth = 0;
    while (field && field.kind !== 'json' && depth < 100) {
      field = field.kind === 'object' ? field.fields[0] : field.kind === 'list' ? field.item : undefined;
      depth++;
    }
    expect(field?.kind).toBe('json');
  });

  test.each([[null], [true], [{}], [{ type: 'string' }], [{ anyOf: [{ type: 'string' }, { type: 'number' }] }]])(
    'a schema that is no object, such as %j, is edited as something',
    (schema) => {
      expect(['json', 'text']).toContain(formOf(schema).kind);
    },
  );
});

describe('what is filled in', () => {
  const form = formFor(trip);

  test('an empty form leaves out what is optional', () => {
    const { json, errors } = readForm(form, emptyValue(form));
    expect(json).toMatchObject({ city: '', urgent: false, emails: [] });
    expect(Object.keys(json as object)).not.toContain('guest');
    expect(errors).toMatchObject({ '/cents': 'A number is expected', '/price': 'A number is expected' });
  });

  test('what may be null and is required is null where nothing is filled in', () => {
    const nullable = formFor(
      z.object({
        age: z.number().nullable(),
        dog: z.object({ name: z.string() }).nullable(),
        note: z.string().nullish(),
      }),
    );
    expect(readForm(nullable, emptyValue(nullable))).toEqual({ json: { age: null, dog: null }, errors: {} });
    const filled = { age: 3, dog: { name: 'Rex' }, note: 'old' };
    expect(readForm(nullable, fillForm(nullable, filled)).json).toEqual(filled);
    expect(readForm(nullable, fillForm(nullable, { ...filled, dog: null })).json).toEqual({ ...filled, dog: null });
  });

  test('what is no number, and what is no JSON, is refused at its place', () => {
    const value = { ...(emptyValue(form) as object), cents: '1,5', price: '1e3', extra: '{' };
    const { json, errors } = readForm(form, value);
    expect(json).toMatchObject({ price: 1_000 });
    expect(errors['/cents']).toBe('A number is expected, got 1,5');
    expect(errors['/extra']).toMatch(/^This is not JSON/);
  });

  test('JSON taken into the form and read again is the same', () => {
    const inputs = fc.record(
      {
        city: fc.string(),
        notes: fc.string({ minLength: 1 }),
        cents: fc.integer(),
        price: fc.double({ noNaN: true, noDefaultInfinity: true }).map((price) => (Object.is(price, -0) ? 0 : price)),
        urgent: fc.boolean(),
        seat: fc.constantFrom('aisle', 'window'),
        guest: fc.record({ name: fc.string(), age: fc.nat() }),
        emails: fc.array(fc.string()),
        extra: fc.jsonValue({ noUnicodeString: false }),
      },
      { requiredKeys: ['city', 'cents', 'price', 'urgent', 'emails', 'extra'] },
    );
    fc.assert(
      fc.property(inputs, (input) => {
        const { json, errors } = readForm(form, fillForm(form, input));
        expect(errors).toEqual({});
        expect(json).toEqual(JSON.parse(JSON.stringify(input)));
      }),
    );
  });
});

describe("the API's refusals", () => {
  const form = formFor(trip);
  const issue = (pointer: string, message: string) => ({ in: 'body' as const, pointer, message });

  test('stand at their fields, in objects and lists too', () => {
    const messages = messagesByPointer([issue('/guest/name', 'too short'), issue('/emails/1', 'no address')], form);
    expect(messages).toEqual({ '/guest/name': 'too short', '/emails/1': 'no address' });
  });

  test('of places without a field stand at the nearest that has one', () => {
    const messages = messagesByPointer([issue('/guest/dog/name', 'unknown'), issue('/moon', 'unknown key')], form);
    expect(messages).toEqual({ '/guest': 'dog/name: unknown', '': 'moon: unknown key' });
  });

  test('of one field are read together', () => {
    expect(messagesByPointer([issue('/city', 'a'), issue('/city', 'b')], form)).toEqual({ '/city': 'a; b' });
  });
});
