import type { Fault } from './schemas.ts';

/** Faults on order, first come first served. */
export interface Faults {
  add(fault: Fault): void;
  clear(): void;
  /** Those still in force, with the times that are left. */
  list(): readonly Fault[];
  /** The fault that befalls the next operation of the kind, if any; it counts as one of its times. */
  take(operation: Fault['operation']): Fault | undefined;
}

export function createFaults(): Faults {
  let faults: readonly Fault[] = [];
  return {
    add: (fault) => {
      faults = [...faults, fault];
    },
    clear: () => {
      faults = [];
    },
    list: () => faults,
    take: (operation) => {
      const taken = faults.find((fault) => fault.operation === operation);
      faults = faults.flatMap((fault) => (fault === taken ? oneLess(fault) : [fault]));
      return taken;
    },
  };
}

function oneLess(fault: Fault): Fault[] {
  return fault.times === 1 ? [] : [{ ...fault, times: fault.times - 1 }];
}
