import type { Overview } from '../../api/types.ts';
import { Notice } from '../../components/notice.tsx';
import { duration } from '../../model/time.ts';
import { Figure, Figures } from './figure.tsx';

/** Longer than this, and steps wait for workers. */
const SLOW_MS = 10_000;

export function Health({ overview }: { readonly overview: Overview }) {
  const { workers, backlog, oldestReadyMs, failureRate } = overview;
  return (
    <Figures label="How it runs" columns={4}>
      <Figure name="Workers alive" value={workers ?? 'not known'} tone={workers === 0 ? 'bad' : null} />
      <Figure name="Jobs in the backlog" value={backlog?.toLocaleString('en') ?? 'not known'} />
      <Figure
        name="Oldest step that waits"
        value={oldestReadyMs === 0 ? 'none' : duration(oldestReadyMs)}
        tone={oldestReadyMs > SLOW_MS ? 'turning' : null}
      />
      <Figure name="Failure rate in this window" value={percent(failureRate)} />
    </Figures>
  );
}

/** What keeps sagas from running, apart from themselves. */
export function Degradations({ overview }: { readonly overview: Overview }) {
  return degradationsOf(overview).map(({ title, text }) => (
    <Notice key={title} title={title} tone="turning">
      {text}
    </Notice>
  ));
}

const percent = (rate: number): string => `${(rate * 100).toFixed(rate > 0 && rate < 0.1 ? 1 : 0)} %`;

interface Degradation {
  readonly title: string;
  readonly text: string;
}

function degradationsOf({ workers, backlog, oldestReadyMs }: Overview): readonly Degradation[] {
  const found: Degradation[] = [];
  if (backlog === null) {
    const text = 'Sagas can be started, and are run when the queues are back. No attempt is used up meanwhile.';
    found.push({ title: 'The queues are out of reach', text });
  } else if (workers === 0) {
    found.push({
      title: 'No worker is alive',
      text: 'Sagas are accepted, but nothing runs until a worker is started.',
    });
  }
  if (oldestReadyMs > SLOW_MS) {
    const text = `A step has been ready for ${duration(oldestReadyMs)} without having begun.`;
    found.push({ title: 'Steps wait for workers', text });
  }
  return found;
}
