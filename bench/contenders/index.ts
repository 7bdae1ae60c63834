import type { Contender, ContenderName } from './contender.ts';

/** Loaded when it is asked for: a process has the code of its own contender only. */
export async function contenderOf(name: ContenderName): Promise<Contender> {
  switch (name) {
    case 'raw':
      return (await import('./raw.ts')).raw;
    case 'by hand':
      return (await import('./by-hand.ts')).byHand;
    case 'backstep':
      return (await import('./backstep.ts')).backstep;
    case 'restate':
      return (await import('../peers/restate.ts')).restate;
    case 'dbos':
      return (await import('../peers/dbos.ts')).dbos;
    default:
      return name satisfies never;
  }
}
