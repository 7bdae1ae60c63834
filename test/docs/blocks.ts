import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What is to be done with a block: the line before its fence says it, `<!-- test: serve -->`, invisible to readers. Without one
 * the block's language decides; CONTRIBUTING.md has the rules.
 */
export interface Block {
  readonly file: string;
  /** Of its first line of text, from 1, as editors count. */
  readonly line: number;
  readonly language: string;
  readonly text: string;
  /** `file`, `serve`, `not run` and so on; undefined where the document says nothing. */
  readonly rule: string | undefined;
  /** What follows the rule's name: a file's name, a reason. */
  readonly detail: string;
}

const RULES = ['not run', 'continues', 'serve', 'until', 'exits', 'output', 'file', 'run', 'picture'] as const;
const FENCE = /^(?<indent> *)```(?<language>[\w-]*)[^`]*$/;
const NOTE = /^ *<!-- test: (?<note>.+?) -->$/;

/** README.md, CONTRIBUTING.md, and all guides. */
export function documents(): readonly string[] {
  const guides = readdirSync('docs').filter((name) => name.endsWith('.md'));
  return ['README.md', 'CONTRIBUTING.md', ...guides.sort().map((name) => join('docs', name))];
}

export const readBlocks = (file: string): readonly Block[] => blocksOf(file, readFileSync(file, 'utf8'));

export function blocksOf(file: string, text: string): readonly Block[] {
  const lines = text.split('\n');
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; at++) {
    const { language, indent = '' } = FENCE.exec(lines[at] ?? '')?.groups ?? {};
    if (language === undefined) continue;
    const end = lines.findIndex((line, index) => index > at && line === `${indent}\`\`\``);
    if (end === -1) throw new Error(`${file}:${at + 1}: the block has no end`);
    const body = lines.slice(at + 1, end).map((line) => line.slice(indent.length));
    blocks.push({ file, line: at + 2, language, text: body.join('\n'), ...ruleOf(lines[at - 1] ?? '') });
    at = end;
  }
  return blocks;
}

function ruleOf(line: string): Pick<Block, 'rule' | 'detail'> {
  const { note } = NOTE.exec(line)?.groups ?? {};
  if (note === undefined || note.startsWith('given ')) return { rule: undefined, detail: '' };
  const rule = RULES.find((name) => note === name || note.startsWith(`${name} `) || note.startsWith(`${name}:`));
  return { rule: rule ?? note, detail: note.slice(rule?.length ?? 0).replace(/^:? */, '') };
}

/** The sentence of `<!-- test: given … -->`: what the document's product has been through before its commands. */
export function givenOf(file: string): readonly string[] {
  return [...readFileSync(file, 'utf8').matchAll(/^<!-- test: given (.+) -->$/gm)].map(([, given = '']) => given);
}

export const where = ({ file, line }: Block): string => `${file}:${line}`;
