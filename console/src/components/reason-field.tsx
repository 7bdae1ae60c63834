import { Textarea } from '@mantine/core';

interface ReasonFieldProps {
  readonly value: string;
  readonly error?: string | null;
  readonly onChange: (value: string) => void;
}

/** Why a person acts: recorded with their name. */
export function ReasonField({ value, error = null, onChange }: ReasonFieldProps) {
  return (
    <Textarea
      label="Reason"
      description="Recorded with your name in the saga's history and the audit"
      required
      autosize
      minRows={2}
      maxRows={6}
      maxLength={1_000}
      value={value}
      error={error}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    />
  );
}
