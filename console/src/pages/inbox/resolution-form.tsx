import { Group, Radio, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { Resolution, TaskView } from '../../api/types.ts';
import { ActionButton } from '../../components/action-button.tsx';
import { ReasonField } from '../../components/reason-field.tsx';
import { mayAct, RESOLUTION_WORDS } from '../../model/words.ts';
import { useSession } from '../../shell/session.tsx';
import { OutputField } from './output-field.tsx';
import classes from './resolution-form.module.css';
import { readDraft, type Draft } from './resolution-draft.ts';
import type { Decision } from './use-resolve.ts';

interface ResolutionFormProps {
  readonly task: TaskView;
  readonly pending: boolean;
  readonly onDecide: (decision: Decision) => void;
}

/** Nothing is chosen beforehand, and each choice says what it will do before it is pressed. */
export function ResolutionForm({ task, pending, onDecide }: ResolutionFormProps) {
  const [draft, setDraft] = useState<Draft>({ resolution: null, reason: '', output: '{}' });
  const [tried, setTried] = useState(false);
  const change = (part: Partial<Draft>) => setDraft({ ...draft, ...part });
  const { decision, errors } = readDraft(draft, task.resolutions);
  const shown = tried ? errors : {};
  const chosen = draft.resolution;
  return (
    <form
      className={classes['form']}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (decision) onDecide(decision);
      }}
    >
      <Stack gap="md">
        <Choices
          task={task}
          chosen={chosen}
          error={shown.resolution ?? null}
          onChange={(resolution) => change({ resolution })}
        />
        {chosen === 'done' ? (
          <OutputField value={draft.output} error={shown.output ?? null} onChange={(output) => change({ output })} />
        ) : null}
        {chosen ? (
          <ReasonField value={draft.reason} error={shown.reason ?? null} onChange={(reason) => change({ reason })} />
        ) : null}
        <Group justify="flex-end">
          <ActionButton
            needs="operator"
            type="submit"
            variant={chosen ? 'filled' : 'default'}
            loading={pending}
            {...(chosen === 'abandon' ? { color: 'red.9' } : {})}
            blocked={task.resolutions.length === 0 ? 'Nothing can be done about it now' : null}
          >
            {chosen ? RESOLUTION_WORDS[chosen].act(task.step) : 'Choose what to do'}
          </ActionButton>
        </Group>
      </Stack>
    </form>
  );
}

interface ChoicesProps {
  readonly task: TaskView;
  readonly chosen: Resolution | null;
  readonly error: string | null;
  readonly onChange: (resolution: Resolution) => void;
}

function Choices({ task, chosen, error, onChange }: ChoicesProps) {
  const { role } = useSession();
  const allowed = mayAct(role, 'operator');
  return (
    <Radio.Group
      label="What to do"
      value={chosen}
      error={error}
      onChange={(value) => onChange(value)}
      classNames={{ label: classes['legend'] ?? '' }}
    >
      <Stack gap="xs" mt={4}>
        {task.resolutions.map((resolution) => (
          <Radio
            key={resolution}
            value={resolution}
            disabled={!allowed}
            label={RESOLUTION_WORDS[resolution].name}
            description={task.effects?.[resolution]}
            className={classes['choice']}
            classNames={{ description: classes['description'] ?? '' }}
          />
        ))}
      </Stack>
      {allowed ? null : (
        <Text size="sm" c="dimmed" mt="xs">
          Only an operator can decide this; you are {role}.
        </Text>
      )}
    </Radio.Group>
  );
}
