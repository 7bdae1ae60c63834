/** `backstep/testing`: sagas run in memory, through the engine's own processors, with whatever can go wrong. */
export { assertAllOrNothing } from './all-or-nothing.ts';
export type { AllOrNothingOptions, World, WorldMaker } from './all-or-nothing.ts';
export type { Effects, FailureOutcome } from './report.ts';
export { failurePairs, failurePoints } from './failure-points.ts';
export type { CallKind, Fault, FaultKind } from './fault.ts';
export { memoryDb } from './memory-db.ts';
export type { MemoryDb } from './memory-db.ts';
export type { RehearsedTask } from './memory-saga.ts';
export type { Answer, Request } from './outside.ts';
export { rehearse } from './rehearse.ts';
export type { RehearsalOptions, RehearsedStep, Rehearsal, TransactionalDb } from './rehearse.ts';
export { AllOrNothingError, describeRehearsal } from './report.ts';
export type { Call } from './stage.ts';
