import '@mantine/charts/styles.css';
import { BarChart } from '@mantine/charts';
import type { Overview } from '../../api/types.ts';

interface ThroughputChartProps {
  readonly series: Overview['series'];
  /** What it shows, for those who do not see it. */
  readonly label: string;
  readonly days: boolean;
}

const SERIES = [
  { name: 'completed', label: 'Completed', color: 'var(--chart-good)' },
  { name: 'failed', label: 'Ended otherwise', color: 'var(--chart-bad)' },
];

const TIME = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const DAY = new Intl.DateTimeFormat('en-GB', { weekday: 'short', hour: '2-digit', minute: '2-digit' });

export default function ThroughputChart({ series, label, days }: ThroughputChartProps) {
  const format = days ? DAY : TIME;
  const data = series.map(({ at, completed, failed }) => ({ at: format.format(new Date(at)), completed, failed }));
  return (
    <div role="img" aria-label={label}>
      <BarChart
        h={220}
        data={data}
        dataKey="at"
        type="stacked"
        series={SERIES}
        withLegend
        legendProps={{ verticalAlign: 'bottom' }}
        tickLine="none"
        gridAxis="x"
        xAxisProps={{ minTickGap: 48 }}
        yAxisProps={{ width: 44, allowDecimals: false }}
        barChartProps={{ accessibilityLayer: false, barCategoryGap: 1, margin: { top: 12 } }}
      />
    </div>
  );
}
