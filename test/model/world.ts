import type { Effect, World } from './state.ts';
import { at, put } from './state.ts';

/** A request under the step's key. Undefined where the provider refuses the key. The same request again changes nothing. */
export function act(world: World, step: number): World | undefined {
  const effect = at(world.effects, step);
  if (effect === 'done') return world;
  return effect === 'none' ? tookPlace(world, step) : undefined;
}

/** The undo by the key: what was done is undone, and nothing can be done under it any more. */
export function undo(world: World, step: number): World {
  const effect = at(world.effects, step);
  if (effect === 'done') return withEffect(world, step, 'undone');
  return voidUnused(world, step);
}

/** A question, or a refusal, that is final: an unused key stays unused. */
export function voidUnused(world: World, step: number): World {
  return at(world.effects, step) === 'none' ? withEffect(world, step, 'void') : world;
}

/** The writes of a transactional step are committed, whatever was there before. */
export function tookPlace(world: World, step: number): World {
  return { ...withEffect(world, step, 'done'), times: put(world.times, step, at(world.times, step) + 1) };
}

function withEffect(world: World, step: number, effect: Effect): World {
  return { ...world, effects: put(world.effects, step, effect) };
}
