/** A process that runs steps. */
import { contenderOf } from '../contenders/index.ts';
import { readWorld, report, serve } from './messages.ts';

/** Seldom enough to cost nothing, often enough to keep hundreds of sagas in flight. */
const REPORT_MS = 10;

const world = readWorld();
let acted = 0;
const work = await (
  await contenderOf(world.contender)
).worker(world, () => {
  acted += 1;
});
setInterval(() => {
  if (acted > 0) report({ kind: 'acted', count: acted });
  acted = 0;
}, REPORT_MS);
serve(
  () => undefined,
  () => work.close(),
);
