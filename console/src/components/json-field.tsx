import { Textarea } from '@mantine/core';
import classes from './json-field.module.css';

interface JsonFieldProps {
  readonly label: string;
  readonly description?: string | null;
  readonly required?: boolean;
  readonly minRows?: number;
  readonly value: string;
  readonly error: string | null;
  readonly onChange: (value: string) => void;
}

/** JSON as text; it is put in order when one leaves it. */
export function JsonField({ value, onChange, minRows = 3, ...props }: JsonFieldProps) {
  return (
    <Textarea
      {...props}
      autosize
      minRows={minRows}
      maxRows={24}
      spellCheck={false}
      classNames={{ input: classes['input'] ?? '' }}
      value={value}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
      onBlur={() => onChange(inOrder(value))}
    />
  );
}

function inOrder(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
