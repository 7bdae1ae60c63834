import { Button, Stack } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { childPointer, emptyValue, type FormValue } from '../../model/form-value.ts';
import { describe, type ParentProps } from './field-props.ts';
import { Fieldset } from './fieldset.tsx';
import { RemoveButton } from './remove-button.tsx';

export function ObjectField({ field, value, pointer, messages, onChange, Child, root = false }: ParentProps<'object'>) {
  if (value === undefined) {
    return (
      <div>
        <Button
          variant="default"
          size="xs"
          leftSection={<IconPlus size={14} aria-hidden="true" />}
          onClick={() => onChange(emptyValue(field))}
        >
          Add {field.label.toLowerCase()}
        </Button>
      </div>
    );
  }
  const values = value as Readonly<Record<string, FormValue>>;
  const fields = (
    <Stack gap="md">
      {field.fields.map((child) => (
        <Child
          key={child.name}
          field={child}
          value={values[child.name]}
          pointer={childPointer(pointer, child.name)}
          messages={messages}
          onChange={(next) => onChange({ ...values, [child.name]: next })}
        />
      ))}
    </Stack>
  );
  if (root && messages[pointer] === undefined) return fields;
  return (
    <Fieldset
      label={root ? 'Input' : field.label}
      description={describe(field)}
      error={messages[pointer] ?? null}
      required={field.required}
      aside={field.required ? null : <RemoveButton label={field.label} onClick={() => onChange(undefined)} />}
    >
      {fields}
    </Fieldset>
  );
}
