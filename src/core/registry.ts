import type { SagaDefinition, StepDefinition } from './definition.ts';
import { DefinitionError } from './errors.ts';
import { segmentsOf } from './redact.ts';

const NAME = /^[A-Z][A-Z0-9_]*$/;
/** `saga_id` is the type, a dash and a UUID in 100 characters; job ids and keys are made of it and a step's name. */
const TYPE_LIMIT = 50;
const STEP_LIMIT = 100;
const REDACT_LIMIT = 100;

/** The definitions a process knows, by type. */
export type Registry = ReadonlyMap<string, SagaDefinition>;

/** Checks what the types cannot see. Throws a `DefinitionError` that names the saga and the step. */
export function createRegistry(definitions: readonly SagaDefinition[]): Registry {
  const registry = new Map<string, SagaDefinition>();
  for (const definition of definitions) {
    checkDefinition(definition);
    if (registry.has(definition.type)) throw new DefinitionError(`Saga ${definition.type} is defined twice`);
    registry.set(definition.type, definition);
  }
  for (const definition of definitions) checkRescue(registry, definition);
  return registry;
}

/** A chain of rescues ends: a saga that could come to its own rescue would be started again and again. */
function checkRescue(registry: Registry, { type, rescue }: SagaDefinition): void {
  const seen = [type];
  for (let next = rescue; next !== undefined; next = registry.get(next.type)?.rescue) {
    const saga = `Saga ${seen.at(-1)}`;
    checkFunction(saga, 'rescue.input', next.input);
    if (!registry.has(next.type))
      throw new DefinitionError(`${saga}: there is no saga ${next.type} that could be its rescue`);
    if (seen.includes(next.type))
      throw new DefinitionError(`${saga}: its rescue leads back to it: ${[...seen, next.type].join(', ')}`);
    seen.push(next.type);
  }
}

function checkDefinition(definition: SagaDefinition): void {
  const saga = `Saga ${definition.type}`;
  checkName(saga, 'type', definition.type, TYPE_LIMIT);
  checkWhole(saga, 'timeoutMs', definition.timeoutMs, 1);
  checkOneOf(saga, 'onCompensationFailure', definition.onCompensationFailure, ['stop', 'continue']);
  checkLimits(saga, definition.limits);
  checkRedact(saga, definition.redact);
  if (typeof (definition.input as Partial<SagaDefinition['input']> | undefined)?.safeParse !== 'function')
    throw new DefinitionError(`${saga}: input must be a zod schema`);
  if (definition.steps.length === 0) throw new DefinitionError(`${saga} has no steps`);
  const names = new Set<string>();
  for (const step of definition.steps) {
    if (names.has(step.name)) throw new DefinitionError(`${saga} has two steps ${step.name}`);
    names.add(step.name);
    checkStep(`${saga}, step ${step.name}`, step);
  }
}

function checkStep(where: string, step: StepDefinition): void {
  checkName(where, 'name', step.name, STEP_LIMIT);
  checkWhole(where, 'attempts', step.attempts, 1);
  checkWhole(where, 'backoffMs', step.backoffMs, 0);
  checkWhole(where, 'timeoutMs', step.timeoutMs, 1);
  checkCompensate(where, step.compensate);
  checkLimits(where, step.limits);
  switch (step.kind) {
    case 'step':
      checkFunction(where, 'execute', step.execute);
      if (step.verify !== undefined) checkFunction(where, 'verify', step.verify);
      return checkOneOf(where, 'onError', step.onError, ['failed', 'unknown']);
    case 'transaction':
      return checkFunction(where, 'execute', step.execute);
    case 'wait':
      checkFunction(where, 'request', step.request);
      if (step.accept !== undefined) checkFunction(where, 'accept', step.accept);
      checkFunction(where, 'signal.safeParse', (step.signal as Partial<typeof step.signal> | undefined)?.safeParse);
      return checkOneOf(where, 'onTimeout', step.onTimeout, ['failed', 'unknown']);
    default:
      return step satisfies never;
  }
}

function checkCompensate(where: string, compensate: unknown): void {
  if (typeof compensate === 'function') return;
  const kind = (compensate as { kind?: unknown } | null | undefined)?.kind;
  if (kind !== 'nothing' && kind !== 'manual')
    throw new DefinitionError(`${where}: compensate must be a function, NOTHING_TO_UNDO or manual('what to do')`);
}

function checkLimits(where: string, limits: unknown): void {
  if (limits === undefined) return;
  const given = Object.entries(limits ?? {}).filter(([, value]) => value !== undefined);
  if (given.length === 0 || given.some(([name]) => name !== 'concurrency' && name !== 'perSecond'))
    throw new DefinitionError(
      `${where}: limits must have concurrency or perSecond, or both, got ${JSON.stringify(limits)}`,
    );
  for (const [name, value] of given) checkWhole(where, `limits.${name}`, value as number, 1);
}

/** A path that is none would leave in the open what somebody meant to hide. */
function checkRedact(where: string, paths: unknown): void {
  if (!Array.isArray(paths) || paths.length > REDACT_LIMIT)
    throw new DefinitionError(`${where}: redact must be an array of at most ${REDACT_LIMIT} paths`);
  for (const path of paths as readonly unknown[])
    if (typeof path !== 'string' || !segmentsOf(path).every(isSegment))
      throw new DefinitionError(
        `${where}: redact must have paths such as card.number or items.*.iban, got ${JSON.stringify(path)}`,
      );
}

function isSegment(segment: string): boolean {
  return segment === '*' || (/^[^*[\]]+$/.test(segment) && segment === segment.trim() && segment !== '$');
}

function checkName(where: string, what: string, name: string, limit: number): void {
  if (name.length > limit)
    throw new DefinitionError(`${where}: ${what} has ${name.length} characters, the limit is ${limit}`);
  if (!NAME.test(name)) throw new DefinitionError(`${where}: ${what} must be UPPER_SNAKE, got ${JSON.stringify(name)}`);
}

function checkWhole(where: string, what: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least)
    throw new DefinitionError(`${where}: ${what} must be a whole number of at least ${least}, got ${value}`);
}

function checkFunction(where: string, what: string, value: unknown): void {
  if (typeof value !== 'function')
    throw new DefinitionError(`${where}: ${what} must be a function, got ${typeof value}`);
}

function checkOneOf(where: string, what: string, value: string, allowed: readonly string[]): void {
  if (!allowed.includes(value))
    throw new DefinitionError(`${where}: ${what} must be ${allowed.join(' or ')}, got ${JSON.stringify(value)}`);
}
