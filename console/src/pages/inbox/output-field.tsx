import { JsonField } from '../../components/json-field.tsx';

interface OutputFieldProps {
  readonly value: string;
  readonly error: string | null;
  readonly onChange: (value: string) => void;
}

/** What the step would have answered. */
export function OutputField(props: OutputFieldProps) {
  return (
    <JsonField
      label="Output of the step"
      description="A JSON object, as the step would have returned it: later steps read it, and nobody checks it"
      required
      {...props}
    />
  );
}
