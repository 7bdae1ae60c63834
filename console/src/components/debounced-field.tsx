import { TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useState, type ReactNode } from 'react';

interface DebouncedFieldProps {
  readonly label: string;
  readonly placeholder: string;
  /** What the filter says. It wins where it changes otherwise than by this field. */
  readonly text: string;
  readonly search?: boolean;
  readonly icon?: ReactNode;
  readonly className?: string | undefined;
  readonly onChange: (text: string) => void;
}

/** A field of a filter: what is typed is told after a pause, without the spaces around it. */
export function DebouncedField({
  label,
  placeholder,
  text,
  search = false,
  icon,
  className,
  onChange,
}: DebouncedFieldProps) {
  const [value, setValue] = useState(text);
  const [seen, setSeen] = useState(text);
  const [told, setTold] = useState(text);
  if (text !== seen) {
    setSeen(text);
    if (text !== told) setValue(text);
    setTold(text);
  }
  const tell = useDebouncedCallback(
    (next: string) => {
      setTold(next);
      onChange(next);
    },
    { delay: 300 },
  );
  return (
    <TextInput
      aria-label={label}
      placeholder={placeholder}
      type={search ? 'search' : 'text'}
      leftSection={icon}
      maxLength={200}
      value={value}
      {...(className === undefined ? {} : { className })}
      onChange={({ currentTarget }) => {
        setValue(currentTarget.value);
        tell(currentTarget.value.trim());
      }}
    />
  );
}
