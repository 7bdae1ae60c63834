import { Button, Stack } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { childPointer, emptyValue, type FormValue } from '../../model/form-value.ts';
import { describe, type ParentProps } from './field-props.ts';
import { Fieldset } from './fieldset.tsx';
import { RemoveButton } from './remove-button.tsx';
import classes from './list-field.module.css';

export function ListField({ field, value, pointer, messages, onChange, Child }: ParentProps<'list'>) {
  const items = (value ?? []) as readonly FormValue[];
  const replace = (index: number, next: FormValue) => onChange(items.with(index, next));
  const remove = (index: number) => {
    const rest = items.toSpliced(index, 1);
    onChange(rest.length === 0 && !field.required ? undefined : rest);
  };
  return (
    <Fieldset
      label={field.label}
      description={describe(field)}
      error={messages[pointer] ?? null}
      required={field.required}
    >
      <Stack gap="sm">
        {items.map((item, index) => (
          // Items have no identity but their place.
          // oxlint-disable-next-line react/no-array-index-key
          <div key={index} className={classes['item']}>
            <div className={classes['value']}>
              <Child
                field={{ ...field.item, label: `${field.label} ${index + 1}` }}
                value={item}
                pointer={childPointer(pointer, index)}
                messages={messages}
                onChange={(next) => replace(index, next)}
              />
            </div>
            <RemoveButton label={`${field.label} ${index + 1}`} onClick={() => remove(index)} />
          </div>
        ))}
        <div>
          <Button
            variant="default"
            size="xs"
            leftSection={<IconPlus size={14} aria-hidden="true" />}
            onClick={() => onChange([...items, emptyValue(field.item)])}
          >
            Add to {field.label.toLowerCase()}
          </Button>
        </div>
      </Stack>
    </Fieldset>
  );
}
