import { expect } from '@jest/globals';
import { type Block, where } from './blocks.ts';

/** Stands for anything, in what a document shows. */
const ANYTHING = '…';

/** What is shown is what came: as JSON, the members that are shown; as text, its lines one after the other. `…` is anything. */
export function expectOutput(block: Block, output: string): void {
  if (block.language === 'json') {
    expect({ at: where(block), answer: documentIn(output) }).toMatchObject({
      at: where(block),
      answer: expected(JSON.parse(block.text)),
    });
    return;
  }
  const pattern = block.text.trim().split(ANYTHING).map(escaped).join('[\\s\\S]*?');
  expect({ at: where(block), output: squeezed(output) }).toEqual({
    at: where(block),
    output: expect.stringMatching(new RegExp(pattern)),
  });
}

/** The JSON after what else was printed. */
function documentIn(output: string): unknown {
  const begin = output.search(/[[{]/);
  return JSON.parse(output.slice(begin)) as unknown;
}

function expected(value: unknown): unknown {
  if (typeof value === 'string' && value.includes(ANYTHING))
    return expect.stringMatching(new RegExp(`^${value.split(ANYTHING).map(escaped).join('.*')}$`, 's'));
  if (Array.isArray(value)) return value.map(expected);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, expected(member)]));
}

const escaped = (text: string) => squeezed(text).replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

/** Tables are as wide as what is in them. */
const squeezed = (text: string) => text.replaceAll(/[ \t]+/g, ' ').replaceAll(/^ /gm, '');
