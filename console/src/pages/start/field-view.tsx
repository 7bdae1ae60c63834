import { Checkbox, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { JsonField } from '../../components/json-field.tsx';
import { describe, type FieldProps } from './field-props.ts';
import { ListField } from './list-field.tsx';
import { ObjectField } from './object-field.tsx';

/** The control of a field, whatever it is. */
export function FieldView(props: FieldProps) {
  const { field, value, pointer, messages, onChange } = props;
  const common = {
    label: field.label === '' ? 'Value' : field.label,
    description: describe(field),
    required: field.required,
    error: messages[pointer] ?? null,
  };
  const text = typeof value === 'string' ? value : '';
  switch (field.kind) {
    case 'object':
      return <ObjectField {...props} field={field} Child={FieldView} />;
    case 'list':
      return <ListField {...props} field={field} Child={FieldView} />;
    case 'text':
      return field.long ? (
        <Textarea
          {...common}
          autosize
          minRows={2}
          maxRows={8}
          value={text}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      ) : (
        <TextInput {...common} value={text} onChange={(event) => onChange(event.currentTarget.value)} />
      );
    case 'number':
      return (
        <TextInput
          {...common}
          inputMode={field.whole ? 'numeric' : 'decimal'}
          value={text}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
    case 'boolean':
      return <BooleanField {...props} />;
    case 'choice':
      return (
        <NativeSelect
          {...common}
          data={[
            { value: '', label: field.required ? 'Choose' : 'Not given' },
            ...field.options.map((option) => ({ value: JSON.stringify(option), label: String(option) })),
          ]}
          value={text}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
    case 'json':
      return <JsonField {...common} value={text} onChange={onChange} />;
    default:
      return field satisfies never;
  }
}

function BooleanField({ field, value, pointer, messages, onChange }: FieldProps) {
  const common = { label: field.label, description: describe(field), error: messages[pointer] ?? null };
  if (field.required) {
    return (
      <Checkbox {...common} checked={value === true} onChange={(event) => onChange(event.currentTarget.checked)} />
    );
  }
  return (
    <NativeSelect
      {...common}
      data={[
        { value: '', label: 'Not given' },
        { value: 'true', label: 'Yes' },
        { value: 'false', label: 'No' },
      ]}
      value={value === undefined ? '' : String(value === true)}
      onChange={({ currentTarget }) =>
        onChange(currentTarget.value === '' ? undefined : currentTarget.value === 'true')
      }
    />
  );
}
