import { readdir, readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { scalingView } from '../../src/autoscaling/signals.ts';
import { ROUTES } from '../../src/http/routes.ts';
import { hashOfKey } from '../../src/api-keys.ts';
import { requireKeys } from '../../src/cli/access.ts';
import { readConfig } from '../../src/config.ts';
import { VARIABLES } from '../../src/environment/variables.ts';

// What the manifests say of the code must be true of it. Whether Kubernetes takes them: kubernetes-schemas.test.ts.

const FOLDER = new URL('../../deploy/kubernetes/', import.meta.url);
/** After their grace a worker hands running steps back, in seconds at most: src/cli/workers.ts. */
const HAND_BACK_S = 10;

const probe = z.object({ httpGet: z.object({ path: z.string(), port: z.string() }) }).partial();
const container = z.looseObject({
  name: z.string(),
  image: z.string(),
  args: z.array(z.string()),
  envFrom: z.array(z.record(z.string(), z.object({ name: z.string() }))),
  startupProbe: probe.optional(),
  livenessProbe: probe.optional(),
  readinessProbe: probe.optional(),
  ports: z.array(z.object({ name: z.string(), containerPort: z.int() })).optional(),
});
const labels = z.record(z.string(), z.string());
const podTemplate = z.object({
  metadata: z.object({ labels }),
  spec: z.looseObject({ terminationGracePeriodSeconds: z.int().optional(), containers: z.array(container) }),
});
const manifest = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.object({ name: z.string().optional(), generateName: z.string().optional() }).optional(),
  data: labels.optional(),
  stringData: labels.optional(),
  resources: z.array(z.string()).optional(),
  spec: z
    .looseObject({
      replicas: z.int().optional(),
      template: podTemplate.optional(),
      selector: z
        .union([z.object({ matchLabels: labels }).transform(({ matchLabels }) => matchLabels), labels])
        .optional(),
      scaleTargetRef: z.object({ name: z.string() }).optional(),
      minReplicas: z.int().optional(),
      minReplicaCount: z.int().optional(),
      maxReplicaCount: z.int().optional(),
      triggers: z
        .array(
          z.object({
            type: z.string(),
            metadata: labels,
            authenticationRef: z.object({ name: z.string() }).optional(),
          }),
        )
        .optional(),
      secretTargetRef: z.array(labels).optional(),
    })
    .optional(),
});
type Manifest = z.infer<typeof manifest>;

let files: readonly string[];
let manifests: readonly Manifest[];

beforeAll(async () => {
  files = (await readdir(FOLDER)).filter((file) => file.endsWith('.yaml'));
  const texts = await Promise.all(files.map((file) => readFile(new URL(file, FOLDER), 'utf8')));
  manifests = texts.flatMap((text) =>
    parseAllDocuments(text).map((document) => {
      expect(document.errors).toEqual([]);
      return manifest.parse(document.toJS());
    }),
  );
});

function the(kind: string, name: string): NonNullable<Manifest['spec']> {
  const found = manifests.find((each) => each.kind === kind && each.metadata?.name === name);
  if (!found?.spec) throw new Error(`There is no ${kind} ${name}`);
  return found.spec;
}

function containerOf(kind: string, name: string): z.infer<typeof container> {
  const [only] = the(kind, name).template?.spec.containers ?? [];
  if (!only) throw new Error(`${kind} ${name} has no container`);
  return only;
}

/** What containers have in their environment: see `reach every container`. */
const settings = (): Readonly<Record<string, string>> =>
  Object.assign(
    {},
    ...[...named('backstep'), ...named('backstep-api')].map(({ data, stringData }) => ({ ...data, ...stringData })),
  );

const named = (name: string) => manifests.filter(({ metadata }) => metadata?.name === name);

test('every file is part of the kustomization, or is applied by hand', () => {
  const { resources = [] } = manifests.find(({ kind }) => kind === 'Kustomization') ?? {};
  const byHand = ['kustomization.yaml', 'migrate-job.yaml', 'secret.example.yaml'];
  expect([...resources, ...byHand].sort()).toEqual([...files].sort());
});

describe('settings', () => {
  test('are variables that Backstep reads, with values it takes', () => {
    expect(Object.keys(VARIABLES)).toEqual(expect.arrayContaining(Object.keys(settings())));
    expect(() => readConfig(settings())).not.toThrow();
  });

  test('reach every container, the keys of the API no other than its own', () => {
    const shared = [{ configMapRef: { name: 'backstep' } }, { secretRef: { name: 'backstep' } }];
    for (const { spec } of manifests)
      for (const { name, envFrom } of spec?.template?.spec.containers ?? [])
        expect(envFrom).toEqual(name === 'api' ? [...shared, { secretRef: { name: 'backstep-api' } }] : shared);
    const secret = named('backstep').find(({ kind }) => kind === 'Secret');
    expect(Object.keys(secret?.stringData ?? {})).toEqual(['DATABASE_URL', 'REDIS_URL']);
  });
});

test('a worker has the time to end its steps and hand back the others', () => {
  const { graceMs } = readConfig(settings());
  const seconds = the('Deployment', 'backstep-worker').template?.spec.terminationGracePeriodSeconds;
  expect(seconds).toBeGreaterThan(graceMs / 1_000 + HAND_BACK_S);
  expect(seconds).toBeGreaterThan(readConfig({}).graceMs / 1_000 + HAND_BACK_S);
});

test('the API has keys, without which it does not listen to others', () => {
  const { apiKeys, sessionSecret } = readConfig(settings());
  expect(() => requireKeys({ host: '0.0.0.0', apiKeys })).not.toThrow();
  expect(apiKeys.map(({ role }) => role)).toContain('operator');
  expect(sessionSecret).toBeDefined();
});

describe('scaling', () => {
  test('never goes to zero, and nobody else sets the replicas', () => {
    const scalers = manifests.filter(({ kind }) => kind === 'ScaledObject' || kind === 'HorizontalPodAutoscaler');
    expect(scalers).toHaveLength(2);
    for (const { spec } of scalers) {
      expect(spec?.minReplicaCount ?? spec?.minReplicas).toBeGreaterThanOrEqual(1);
      expect(the('Deployment', spec?.scaleTargetRef?.name ?? '').replicas).toBeUndefined();
    }
  });

  test('of the workers asks the API within the bounds that the API knows', () => {
    const { autoscaleMin, autoscaleMax } = readConfig(settings());
    const { minReplicaCount, maxReplicaCount, triggers } = the('ScaledObject', 'backstep-worker');
    expect([minReplicaCount, maxReplicaCount]).toEqual([autoscaleMin, autoscaleMax]);
    const { url, valueLocation, targetValue } = triggers?.[0]?.metadata ?? {};
    const { hostname, port, pathname } = new URL(url ?? '');
    expect(hostname).toBe('backstep-api.backstep.svc');
    expect(port).toBe(String(containerOf('Deployment', 'backstep-api').ports?.[0]?.containerPort));
    expect(ROUTES.map(({ path }) => path)).toContain(pathname);
    const told = scalingView(
      { backlog: 0, active: 0, waiting: 0, oldestReadyMs: 0, workers: 0 },
      { min: 1, max: 1, slotsPerWorker: 1 },
    );
    expect(Object.keys(told)).toContain(valueLocation);
    expect(targetValue).toBe('1');
  });

  test('asks with a key that may look, and no more', () => {
    const [trigger] = the('ScaledObject', 'backstep-worker').triggers ?? [];
    expect(trigger?.metadata['authMode']).toBe('bearer');
    const [token] = the('TriggerAuthentication', trigger?.authenticationRef?.name ?? '').secretTargetRef ?? [];
    expect(token).toMatchObject({ parameter: 'token', name: 'backstep-viewer' });
    const [secret] = named('backstep-viewer').filter(({ kind }) => kind === 'Secret');
    const hash = hashOfKey(secret?.stringData?.[token?.['key'] ?? ''] ?? '');
    expect(readConfig(settings()).apiKeys).toContainEqual({ hash, role: 'viewer', name: 'keda' });
  });
});

test('the API is asked for its health where it answers', () => {
  const { startupProbe, livenessProbe, readinessProbe, ports } = containerOf('Deployment', 'backstep-api');
  expect([startupProbe, livenessProbe, readinessProbe].map((each) => each?.httpGet)).toEqual([
    { path: '/healthz', port: 'http' },
    { path: '/healthz', port: 'http' },
    { path: '/readyz', port: 'http' },
  ]);
  expect(ports).toEqual([{ name: 'http', containerPort: readConfig({}).port }]);
  for (const path of ['/healthz', '/readyz'])
    expect(ROUTES).toContainEqual(expect.objectContaining({ method: 'get', path, role: 'public' }));
});

test('a worker is asked for its health where it answers', () => {
  const { startupProbe, livenessProbe, ports } = containerOf('Deployment', 'backstep-worker');
  const health = { path: '/healthz', port: 'metrics' };
  expect([startupProbe?.httpGet, livenessProbe?.httpGet]).toEqual([health, health]);
  const { host, metricsPort } = readConfig(settings());
  expect(ports).toEqual([{ name: 'metrics', containerPort: metricsPort }]);
  expect(host).toBe('0.0.0.0');
});

test('a pod has no more rights than it needs, and no settings but those it was given', () => {
  for (const { spec } of manifests) {
    if (!spec?.template) continue;
    const { containers, ...pod } = spec.template.spec;
    expect(pod).toMatchObject({
      enableServiceLinks: false,
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    });
    for (const each of containers)
      expect(each).toMatchObject({
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        resources: { requests: { cpu: expect.any(String) }, limits: { memory: expect.any(String) } },
      });
  }
});

test('every selector finds a pod', () => {
  const pods = manifests.flatMap(({ spec }) => (spec?.template ? [spec.template.metadata.labels] : []));
  for (const { spec } of manifests) {
    if (!spec?.selector) continue;
    expect(pods).toContainEqual(expect.objectContaining(spec.selector));
  }
});
