import type { Overview } from '../../api/types.ts';
import { ALL_STATUSES, SAGA_WORDS } from '../../model/words.ts';
import { Figure, Figures } from './figure.tsx';

/** How many sagas there are of each status; each leads to them. */
export function Counts({ counts }: { readonly counts: Overview['counts'] }) {
  return (
    <Figures label="Sagas by status" columns={8}>
      {ALL_STATUSES.map((status) => (
        <Figure
          key={status}
          name={SAGA_WORDS[status].text}
          mark={SAGA_WORDS[status].tone}
          value={(counts[status] ?? 0).toLocaleString('en')}
          href={`/sagas?status=${status}`}
        />
      ))}
    </Figures>
  );
}
