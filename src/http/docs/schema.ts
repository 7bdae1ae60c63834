import type { Schema } from './document.ts';
import { html, type Html, prose } from './html.ts';

export const OPTIONAL = html` <span class="type">optional</span>`;

const COMPONENT = /^#\/components\/schemas\//;

/** What a value is, in a few words: named parts as links to where they are shown. */
export function typeOf(schema: Schema): Html {
  const { $ref, anyOf, oneOf, items, additionalProperties: others } = schema;
  if ($ref !== undefined) return link($ref.replace(COMPONENT, ''));
  if (schema.const !== undefined) return html`${JSON.stringify(schema.const)}`;
  if (schema.enum) return html`${schema.enum.map((value) => JSON.stringify(value)).join(' | ')}`;
  const choices = anyOf ?? oneOf;
  if (choices) return html`${choices.map((choice, index) => html`${index === 0 ? '' : ' | '}${typeOf(choice)}`)}`;
  if (schema.type === 'array') return html`array of ${typeOf(items ?? {})}`;
  if (typeof others === 'object' && others.type !== undefined) return html`object, each member ${typeOf(others)}`;
  return html`${[schema.type === undefined ? 'any JSON' : [schema.type].flat().join(' | '), schema.format, boundsOf(schema)].filter(Boolean).join(', ')}`;
}

const link = (name: string) => html`<a href="#schema-${name}">${name}</a>`;

function boundsOf({ minLength, maxLength, minimum, maximum, exclusiveMinimum }: Schema): string {
  const isWorthIt = (bound: number | undefined) => bound !== undefined && Math.abs(bound) < Number.MAX_SAFE_INTEGER;
  const characters = maxLength === undefined ? '' : `${minLength ?? 0} to ${maxLength} characters`;
  const least = isWorthIt(minimum) ? `at least ${minimum}` : '';
  const above = isWorthIt(exclusiveMinimum) ? `more than ${exclusiveMinimum}` : '';
  const most = isWorthIt(maximum) ? `at most ${maximum}` : '';
  return [characters, above, least, most].filter((part) => part !== '').join(', ');
}

/** The object in a schema whose members are to be shown: its own, or its items'. */
function objectIn(schema: Schema): Schema | undefined {
  if (schema.properties) return schema;
  const inner = schema.items ?? schema.anyOf?.find(({ properties }) => properties);
  return inner && objectIn(inner);
}

/** What a value is, and its members, those of objects without a name below them. */
export function schemaView(schema: Schema): Html {
  return html`<p class="type">${typeOf(schema)}</p>
    ${membersOf(schema)}`;
}

function membersOf(schema: Schema): Html {
  const { properties = {}, required = [] } = objectIn(schema) ?? {};
  const rows = Object.entries(properties).map(
    ([name, member]) =>
      html`<li>
        <code>${name}</code> <span class="type">${typeOf(member)}</span>${required.includes(name) ? '' : OPTIONAL}
        ${textOf(member)} ${membersOf(member)}
      </li>`,
  );
  return rows.length === 0
    ? html``
    : html`<ul class="members">
        ${rows}
      </ul>`;
}

function textOf({ description, default: preset }: Schema): Html {
  const standard = preset === undefined ? '' : html`Default <code>${JSON.stringify(preset)}</code>`;
  return html`<span class="about">${prose(description ?? '')} ${standard}</span>`;
}
