import type { ComponentType } from 'react';
import type { FormValue } from '../../model/form-value.ts';
import type { Field } from '../../model/schema-field.ts';

export interface FieldProps<F extends Field = Field> {
  readonly field: F;
  readonly value: FormValue;
  /** Where it is in the input, RFC 6901. */
  readonly pointer: string;
  /** What is wrong, by pointer. */
  readonly messages: Readonly<Record<string, string>>;
  readonly onChange: (value: FormValue) => void;
  /** The whole input: it has no name of its own. */
  readonly root?: boolean;
}

/** Of a field that has fields in it: `Child` shows them. */
export interface ParentProps<K extends Field['kind']> extends FieldProps<Extract<Field, { kind: K }>> {
  readonly Child: ComponentType<FieldProps>;
}

export function describe({ description, hint }: Field): string | null {
  return [description, hint].filter((part) => part !== null).join(': ') || null;
}
