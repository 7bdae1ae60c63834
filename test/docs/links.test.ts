import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from '@jest/globals';

/** All that people read: the links of ARCHITECTURE.md and CHANGELOG.md too. */
const files = [
  ...readdirSync('.').filter((name) => name.endsWith('.md')),
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

test.each(files)('every link of %s leads somewhere', (file) => {
  const broken = linksOf(file).filter((link) => !leadsSomewhere(file, link));
  expect(broken).toEqual([]);
});

test('every guide is reached from README.md', () => {
  const linked = linksOf('README.md').map((link) => link.replace(/#.*/, ''));
  expect(files.filter((file) => file !== 'README.md' && !linked.includes(file))).toEqual([]);
});

/** What is said of the past may name what is gone. */
const OF_NOW = files.filter((file) => file !== 'CHANGELOG.md');

test.each(OF_NOW)('the files of this repository that %s names are there', (file) => {
  const named = [...read(file).matchAll(/`((?:src|test|docs|deploy|scripts|bench|prisma|console|\.ci)\/[\w./-]+)`/g)];
  const missing = named.map(([, path = '']) => path).filter((path) => !pathExists(path));
  expect(missing).toEqual([]);
});

test('the tests that README.md names as proof are there', () => {
  const [, table = ''] = /\| shown by[\s\S]+?\n([\s\S]+?)\n\n/.exec(read('README.md')) ?? [];
  const named = [...table.matchAll(/^\|.*\|(.+)\|$/gm)].flatMap(([, cell = '']) => [...cell.matchAll(/`([^`]+)`/g)]);
  const missing = named.map(([, name = '']) => name).filter((name) => !testExists(name));
  expect(missing).toEqual([]);
  expect(named.length).toBeGreaterThan(10);
});

const read = (file: string) => readFileSync(file, 'utf8');

/** Without what is in code, and what is on other hosts. */
function linksOf(file: string): readonly string[] {
  const prose = read(file)
    .replaceAll(/^ *```[\s\S]*?^ *```$/gm, '')
    .replaceAll(/`[^`\n]+`/g, '');
  const links = [...prose.matchAll(/\]\(([^()\s]+)\)|(?:src|href)="([^"]+)"/g)].map(
    ([, link, tag]) => link ?? tag ?? '',
  );
  return links.filter((link) => !/^https?:/.test(link));
}

function leadsSomewhere(from: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const file = path === '' ? from : normalize(join(dirname(from), path));
  if (!existsSync(file)) return false;
  return anchor === undefined || anchorsOf(file).has(anchor);
}

/** As GitHub makes them of headings. */
function anchorsOf(file: string): ReadonlySet<string> {
  const headings = [
    ...read(file)
      .replaceAll(/^ *```[\s\S]*?^ *```$/gm, '')
      .matchAll(/^#+ +(.+)$/gm),
  ];
  return new Set(
    headings.map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .trim()
        .replaceAll(' ', '-'),
    ),
  );
}

/** `npm run …`, a folder or file below `test`, or the name of an integration test. */
function testExists(name: string): boolean {
  const [, script] = /^npm run (\S+)/.exec(name) ?? [];
  if (script !== undefined) return read('package.json').includes(`"${script}":`);
  return [name, `test/integration/${name}`].some(pathExists);
}

/** Tests and modules are named without their endings, too, and files of the console as those in it name them. */
function pathExists(path: string): boolean {
  return ['', 'console/'].some((room) => ['', '.ts', '.test.ts'].some((ending) => existsSync(room + path + ending)));
}
