import { Group, Stack, Tabs, Text } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useEffect, useMemo, useRef } from 'react';
import type { Definition } from '../../api/types.ts';
import { ActionButton } from '../../components/action-button.tsx';
import { Card } from '../../components/card.tsx';
import { JsonField } from '../../components/json-field.tsx';
import { Notice } from '../../components/notice.tsx';
import { formOf } from '../../model/schema-field.ts';
import { FieldView } from './field-view.tsx';
import { useDraft, type Mode } from './use-draft.ts';
import { useStart } from './use-start.ts';

/** A form made from the saga's schema. What the schema demands is checked where the saga is started, and shown at the fields. */
export function StartForm({ definition }: { readonly definition: Definition }) {
  const form = useMemo(() => formOf(definition.input), [definition]);
  const start = useStart(definition.type, form);
  const draft = useDraft(form, start.forget);
  const messages = { ...start.messages, ...draft.errors };
  const element = useFocusOnTrouble(Object.keys(messages).length);
  return (
    <Card title={`Input of ${definition.type}`}>
      <form
        ref={element}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          const input = draft.read();
          if (input !== null) start.send(input.json);
        }}
      >
        <Stack>
          <Tabs value={draft.mode} onChange={(mode) => draft.change(mode as Mode)} keepMounted={false} variant="pills">
            <Tabs.List mb="md">
              <Tabs.Tab value="form">Form</Tabs.Tab>
              <Tabs.Tab value="json">JSON</Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="form">
              <FieldView
                field={form}
                value={draft.value}
                pointer=""
                messages={messages}
                onChange={draft.setValue}
                root
              />
            </Tabs.Panel>
            <Tabs.Panel value="json">
              <JsonField
                label="Input as JSON"
                minRows={8}
                value={draft.text}
                error={jsonMessage(messages)}
                onChange={draft.setText}
              />
            </Tabs.Panel>
          </Tabs>
          <Refused title={start.refusal?.title} text={start.refusal?.text} />
          <Group justify="space-between" gap="sm">
            <Text size="xs" c="dimmed" maw={360}>
              Sent with an idempotency key: pressing again after a lost answer does not start a second one.
            </Text>
            <ActionButton
              needs="starter"
              type="submit"
              loading={start.pending}
              leftSection={<IconPlayerPlay size={16} aria-hidden="true" />}
            >
              Start {definition.type}
            </ActionButton>
          </Group>
        </Stack>
      </form>
    </Card>
  );
}

/** Where fields turn out not to fit, the first of them takes the focus. */
function useFocusOnTrouble(troubles: number) {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (troubles > 0) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [troubles]);
  return form;
}

const jsonMessage = (messages: Readonly<Record<string, string>>): string | null =>
  Object.entries(messages)
    .map(([pointer, message]) => (pointer === '' ? message : `${pointer}: ${message}`))
    .join('\n') || null;

function Refused({ title, text }: { readonly title: string | undefined; readonly text: string | undefined }) {
  if (title === undefined) return null;
  return <Notice title={title}>{text}</Notice>;
}
