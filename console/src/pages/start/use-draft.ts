import { useState } from 'react';
import { emptyValue, fillForm, readForm, type FormValue } from '../../model/form-value.ts';
import type { Field } from '../../model/schema-field.ts';

export type Mode = 'form' | 'json';
type Messages = Readonly<Record<string, string>>;

/** The input as it is filled in: as a form, or as JSON. Changing over takes along what was written. */
export function useDraft(form: Field, onEdit: () => void) {
  const [mode, setMode] = useState<Mode>(form.kind === 'json' ? 'json' : 'form');
  const [value, setValue] = useState<FormValue>(() => emptyValue(form));
  const [text, setText] = useState('{}');
  const [errors, setErrors] = useState<Messages>({});

  const edited = () => {
    setErrors({});
    onEdit();
  };
  const readText = () => readForm({ ...form, kind: 'json' }, text);
  const change = (next: Mode) => {
    if (next === mode) return;
    const read = mode === 'json' ? readText() : readForm(form, value);
    if (mode === 'json' && Object.keys(read.errors).length > 0) return setErrors(read.errors);
    if (next === 'json') setText(JSON.stringify(read.json, null, 2));
    else setValue(fillForm(form, read.json));
    setMode(next);
    setErrors({});
  };

  return {
    mode,
    value,
    text,
    errors,
    change,
    setValue: (next: FormValue) => {
      setValue(next);
      edited();
    },
    setText: (next: string) => {
      if (next === text) return;
      setText(next);
      edited();
    },
    /** The input, or null where something cannot be read, which is then shown. */
    read: (): { readonly json: unknown } | null => {
      const read = mode === 'json' ? readText() : readForm(form, value);
      setErrors(read.errors);
      return Object.keys(read.errors).length > 0 ? null : read;
    },
  };
}
