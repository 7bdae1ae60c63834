/**
 * Names in an environment that are none of ours, and nearly are: `DATABSE_URL`, `RETENTION_DAY`, `API_KEY`. What was
 * meant would silently not hold.
 */

/** Names shorter than this have too many neighbours: `PORT`, `POST`, `SORT`. */
const SHORTEST = 7;
/** From this length on two slips are still unlikely to make the name of something else. `DATABASE_SSL` is two from `DATABASE_URL`. */
const LONG = 13;

const slipsIn = (name: string) => (name.length < LONG ? 1 : 2);

/** Letters in lower case, dashes for underscores: as ours. */
const plain = (name: string) => name.toUpperCase().replaceAll('-', '_');

/**
 * The names of `env` that are a slip away from a wanted one, each with it. `others`: names that mean what they say. A wanted
 * name that is there, if with an empty value, has no near miss: so somebody who needs both names can say so.
 */
export function nearMisses(
  env: Readonly<Record<string, string | undefined>>,
  wanted: readonly string[],
  others: ReadonlySet<string>,
): readonly { readonly name: string; readonly meant: string }[] {
  const absent = wanted.filter((name) => name.length >= SHORTEST && env[name] === undefined);
  const given = Object.keys(env).filter((name) => env[name] !== undefined && !others.has(name));
  return given.flatMap((name) => {
    const meant = nearest(plain(name), absent);
    return meant === undefined ? [] : [{ name, meant }];
  });
}

function nearest(name: string, wanted: readonly string[]): string | undefined {
  const near = wanted
    .map((each) => ({ each, distance: slips(name, each) }))
    .filter(({ each, distance }) => distance <= slipsIn(each));
  return near.sort((one, other) => one.distance - other.distance)[0]?.each;
}

/** How many letters were left out, added, changed, or swapped with the next: the optimal string alignment distance. */
function slips(one: string, other: string): number {
  if (Math.abs(one.length - other.length) > 2) return Infinity;
  let before: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let i = 1; i <= one.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= other.length; j += 1) row.push(cheapest(i, j, row));
    [before, last] = [last, row];
  }
  return last[other.length] ?? Infinity;

  function cheapest(i: number, j: number, row: readonly number[]): number {
    const changed = one[i - 1] === other[j - 1] ? 0 : 1;
    const swapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
    return Math.min(
      (row[j - 1] ?? Infinity) + 1,
      (last[j] ?? Infinity) + 1,
      (last[j - 1] ?? Infinity) + changed,
      swapped ? (before[j - 2] ?? Infinity) + 1 : Infinity,
    );
  }
}
