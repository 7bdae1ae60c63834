import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';

// Each document is written as a constant of its kind's type, which are Kubernetes' own schemas: the compiler finds fields that
// there are not, those that are missing, and values of another type.

const FOLDER = 'deploy/kubernetes';
const TYPES: Readonly<Record<string, string>> = {
  'v1 Namespace': 'kubernetes-types/core/v1',
  'v1 ConfigMap': 'kubernetes-types/core/v1',
  'v1 Secret': 'kubernetes-types/core/v1',
  'v1 Service': 'kubernetes-types/core/v1',
  'apps/v1 Deployment': 'kubernetes-types/apps/v1',
  'batch/v1 Job': 'kubernetes-types/batch/v1',
  'policy/v1 PodDisruptionBudget': 'kubernetes-types/policy/v1',
  'autoscaling/v2 HorizontalPodAutoscaler': 'kubernetes-types/autoscaling/v2',
  'networking.k8s.io/v1 NetworkPolicy': 'kubernetes-types/networking/v1',
  'keda.sh/v1alpha1 ScaledObject': '@kubernetes-models/keda/keda.sh/v1alpha1',
  'keda.sh/v1alpha1 TriggerAuthentication': '@kubernetes-models/keda/keda.sh/v1alpha1',
};

interface Document {
  readonly apiVersion: string;
  readonly kind: string;
  readonly [field: string]: unknown;
}

const deployment = (spec: object): Document => ({ apiVersion: 'apps/v1', kind: 'Deployment', spec });
const scaled = (spec: object): Document => ({ apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject', spec });

/** What has to be found, and as what. */
const WRONG: Readonly<Record<string, readonly [Document, RegExp]>> = {
  unknown: [deployment({ ...deploymentSpec(), replica: 1 }), /replica"' does not exist/],
  deep: [deployment(deploymentSpec({ livenessProb: {} })), /livenessProb"' does not exist/],
  type: [deployment({ ...deploymentSpec(), replicas: '1' }), /'string' is not assignable to type 'number'/],
  missing: [deployment({ selector: {} }), /'template' is missing/],
  keda: [scaled({ scaleTargetRef: { name: 'x', replicas: 1 }, triggers: [] }), /replicas"' does not exist/],
};

let scratch: string;
let documents: ReadonlyMap<string, Document>;
/** What the compiler says, by document. */
let found: Map<string, string[]>;

beforeAll(async () => {
  documents = await readDocuments();
  await mkdir('.data', { recursive: true });
  // Inside the repository: types are looked for from there.
  scratch = await mkdtemp(resolve('.data', 'kubernetes-'));
  const wrong = Object.entries(WRONG).map(([name, [document]]) => [name, document] as const);
  for (const [name, document] of [...documents, ...wrong])
    if (typeOf(document) !== undefined) await writeFile(join(scratch, `${name}.ts`), sourceOf(document));
  const options = {
    noEmit: true,
    strict: true,
    skipLibCheck: true,
    module: 'esnext',
    moduleResolution: 'bundler',
    types: [],
  };
  await writeFile(join(scratch, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, include: ['*.ts'] }));
  found = compile();
});

afterAll(() => rm(scratch, { recursive: true }));

async function readDocuments(): Promise<Map<string, Document>> {
  const all = new Map<string, Document>();
  for (const file of (await readdir(FOLDER)).filter((name) => name.endsWith('.yaml')).sort()) {
    const parsed = parseAllDocuments(await readFile(join(FOLDER, file), 'utf8'), { uniqueKeys: true });
    for (const [at, document] of parsed.entries()) {
      expect(document.errors).toEqual([]);
      all.set(`${file.replace('.yaml', '')}-${at}`, document.toJS() as Document);
    }
  }
  return all;
}

const typeOf = ({ apiVersion, kind }: Document) => TYPES[`${apiVersion} ${kind}`];

function sourceOf(document: Document): string {
  const from = typeOf(document) ?? '';
  const name = from.startsWith('@') ? `I${document.kind}` : document.kind;
  return `import type { ${name} } from '${from}';\nexport const it: ${name} = ${JSON.stringify(document, null, 1)};\n`;
}

function compile(): Map<string, string[]> {
  const { stdout } = spawnSync(
    process.execPath,
    ['node_modules/typescript/bin/tsc', '-p', scratch, '--pretty', 'false'],
    {
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '' },
    },
  );
  const all = new Map<string, string[]>();
  for (const [line, name = ''] of stdout.matchAll(/^.*\/([\w.-]+)\.ts\(.+$/gm))
    all.set(name, [...(all.get(name) ?? []), line]);
  // What is said of no file would pass for nothing said.
  if (all.size === 0) throw new Error(`The compiler says ${stdout}`);
  return all;
}

test('every document is of a kind that is known here', () => {
  const kinds = [...documents.values()].filter((each) => typeOf(each) === undefined).map(({ kind }) => kind);
  expect(kinds).toEqual(['Kustomization']);
  expect(documents.size).toBeGreaterThan(10);
});

test('every document is as its schema says, and has no field that is not in it', () => {
  const wrong = [...found].filter(([name]) => !Object.hasOwn(WRONG, name));
  expect(wrong).toEqual([]);
});

test.each(Object.entries(WRONG))('a wrong document is found: %s', (name, [, message]) => {
  expect(found.get(name)).toEqual([expect.stringMatching(message)]);
});

function deploymentSpec(container: object = {}) {
  return { selector: {}, template: { spec: { containers: [{ name: 'x', ...container }] } } };
}

const kubectl = spawnSync('kubectl', ['version', '--client'], { encoding: 'utf8' });
const withKubectl = kubectl.status === 0 ? test : test.skip;

withKubectl('kubectl builds the kustomization', () => {
  const { status, stdout, stderr } = spawnSync('kubectl', ['kustomize', FOLDER], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const built = parseAllDocuments(stdout).map((document) => document.toJS() as Document);
  const byHand = ['kustomization-0', 'migrate-job-0', 'secret.example-0', 'secret.example-1', 'secret.example-2'];
  expect(built).toHaveLength(documents.size - byHand.length);
});
