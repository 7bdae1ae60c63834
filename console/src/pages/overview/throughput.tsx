import { SegmentedControl, Skeleton } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { OVERVIEW_WINDOWS, type Overview, type OverviewWindow } from '../../api/types.ts';
import { Card } from '../../components/card.tsx';
import { count } from '../../model/words.ts';
import classes from './throughput.module.css';

// The charts are half of all script: the rest of the page does not wait for them.
const Chart = lazy(() => import('./throughput-chart.tsx'));

interface ThroughputProps {
  readonly overview: Overview;
  readonly window: OverviewWindow;
  readonly onWindow: (window: OverviewWindow) => void;
}

const LABELS: Readonly<Record<OverviewWindow, string>> = { '1h': '1 h', '6h': '6 h', '24h': '24 h', '7d': '7 days' };
const CHOICES = OVERVIEW_WINDOWS.map((value) => ({ value, label: LABELS[value] }));

export function Throughput({ overview: { series }, window, onWindow }: ThroughputProps) {
  const completed = series.reduce((sum, bucket) => sum + bucket.completed, 0);
  const failed = series.reduce((sum, bucket) => sum + bucket.failed, 0);
  const summary = `${count(completed, 'saga')} completed and ${failed.toLocaleString('en')} ended otherwise`;
  return (
    <Card
      title="Throughput"
      aside={
        <SegmentedControl
          size="xs"
          aria-label="Time window"
          data={CHOICES}
          value={window}
          onChange={(value) => onWindow(value)}
        />
      }
    >
      <p className={classes['summary']}>
        {completed + failed > 0 ? summary : 'No saga ended'} in the last {LABELS[window]}
      </p>
      {completed + failed > 0 ? (
        <Suspense fallback={<Skeleton height={220} />}>
          <Chart series={series} label={`Chart: ${summary}`} days={window === '7d'} />
        </Suspense>
      ) : null}
    </Card>
  );
}
