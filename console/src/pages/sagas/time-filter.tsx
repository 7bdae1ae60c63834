import { Button, Popover, Select, Stack, TextInput } from '@mantine/core';
import { IconCalendar } from '@tabler/icons-react';

interface TimeFilterProps {
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly onChange: (changes: { readonly from?: string; readonly to?: string }) => void;
}

const SPANS = [
  { value: '900000', label: 'Last 15 minutes' },
  { value: '3600000', label: 'Last hour' },
  { value: '86400000', label: 'Last 24 hours' },
  { value: '604800000', label: 'Last 7 days' },
];

/** When the sagas were started. */
export function TimeFilter({ from, to, onChange }: TimeFilterProps) {
  return (
    <Popover position="bottom-end" trapFocus withRoles={false}>
      <Popover.Target>
        <Button variant="default" fw={400} leftSection={<IconCalendar size={16} aria-hidden="true" />}>
          {describe(from, to)}
        </Button>
      </Popover.Target>
      <Popover.Dropdown role="dialog" aria-label="Started when">
        <Stack gap="sm">
          <Select
            label="Started in the"
            placeholder="Any time"
            data={SPANS}
            value={null}
            comboboxProps={{ withinPortal: false }}
            onChange={(span) =>
              onChange({ from: span ? new Date(Date.now() - Number(span)).toISOString() : '', to: '' })
            }
          />
          <Moment label="From" value={from} onChange={(at) => onChange({ from: at })} />
          <Moment label="Before" value={to} onChange={(at) => onChange({ to: at })} />
          <Button variant="subtle" size="xs" onClick={() => onChange({ from: '', to: '' })}>
            Any time
          </Button>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

interface MomentProps {
  readonly label: string;
  readonly value: string | undefined;
  readonly onChange: (iso: string) => void;
}

function Moment({ label, value, onChange }: MomentProps) {
  return (
    <TextInput
      type="datetime-local"
      label={label}
      value={value === undefined ? '' : localInput(value)}
      onChange={({ currentTarget }) => {
        const at = new Date(currentTarget.value);
        onChange(Number.isNaN(at.getTime()) ? '' : at.toISOString());
      }}
    />
  );
}

/** As `datetime-local` takes it, in the browser's own zone. */
function localInput(iso: string): string {
  const at = new Date(iso);
  const local = new Date(at.getTime() - at.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

const SHORT = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
const short = (iso: string): string => SHORT.format(new Date(iso));

function describe(from: string | undefined, to: string | undefined): string {
  if (from !== undefined && to !== undefined) return `${short(from)} to ${short(to)}`;
  if (from !== undefined) return `Since ${short(from)}`;
  return to === undefined ? 'Any time' : `Before ${short(to)}`;
}
