import { Button, Group, Modal, Progress, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconReload } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { groupRetryQuery } from '../../api/queries.ts';
import type { GroupRetry as Retry, TaskGroup } from '../../api/types.ts';
import { ActionButton } from '../../components/action-button.tsx';
import { Notice } from '../../components/notice.tsx';
import { ReasonField } from '../../components/reason-field.tsx';
import { count, NO_REASON } from '../../model/words.ts';
import classes from './group-list.module.css';
import { refusalOf } from './use-resolve.ts';

/** Tries a whole group again, and shows how far that is: also when somebody else began it. */
export function GroupRetry({ group, shown }: { readonly group: TaskGroup; readonly shown: boolean }) {
  const [opened, { open, close }] = useDisclosure(false);
  const running = group.retry?.status === 'running';
  if (!running && !shown) return null;
  return (
    <div className={classes['retry']}>
      {group.retry ? <RetryProgress known={group.retry} /> : null}
      {shown && !running ? (
        <ActionButton
          needs="operator"
          size="xs"
          variant="default"
          leftSection={<IconReload size={14} aria-hidden="true" />}
          blocked={group.retryable ? null : 'Tasks of this kind cannot be tried again: each has to be judged'}
          onClick={open}
        >
          Try all {group.count} again
        </ActionButton>
      ) : null}
      <Modal opened={opened} onClose={close} title="Try the group again" closeButtonProps={{ 'aria-label': 'Close' }}>
        <RetryForm group={group} onClose={close} />
      </Modal>
    </div>
  );
}

/** How far it is. When it has ended the groups are read anew: what failed again is there again. */
function RetryProgress({ known }: { readonly known: Retry }) {
  const retry = useQuery({ ...groupRetryQuery(known.id), initialData: known }).data;
  const done = retry.retried + retry.skipped;
  const skipped = retry.skipped > 0 ? `, ${retry.skipped} passed over` : '';
  const state = retry.status === 'running' ? 'Trying again' : 'Tried again';
  return (
    <div>
      <Text size="xs" role="status">
        {state}: {retry.retried} of {retry.total}
        {skipped} (by {retry.actor}: {retry.reason})
      </Text>
      <Progress
        value={retry.total === 0 ? 100 : (done / retry.total) * 100}
        animated={retry.status === 'running'}
        aria-label="Progress of the group"
      />
    </div>
  );
}

function RetryForm({ group, onClose }: { readonly group: TaskGroup; readonly onClose: () => void }) {
  const [reason, setReason] = useState('');
  const [tried, setTried] = useState(false);
  const retry = useRetryGroup(group, onClose);
  const refusal = retry.error ? refusalOf(retry.error) : null;
  const missing = reason.trim() === '';
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (!missing) retry.mutate(reason.trim());
      }}
    >
      <Stack>
        <Text size="sm">
          {count(group.count, 'task')} of {group.step} in {group.type} are tried again in the background, one after
          another, each with the key it had. What fails again is a new task. Tasks that do not allow it are passed over.
        </Text>
        <ReasonField value={reason} onChange={setReason} error={tried && missing ? NO_REASON : null} />
        {refusal ? <Notice title={refusal.title}>{refusal.text}</Notice> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Leave them
          </Button>
          <Button type="submit" loading={retry.isPending}>
            Try {group.count} again
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function useRetryGroup({ fingerprint }: TaskGroup, onDone: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (reason: string) =>
      call<Retry>(`/api/tasks/groups/${encodeURIComponent(fingerprint)}/retry`, { method: 'POST', body: { reason } }),
    onSuccess: (started) => {
      client.setQueryData(keys.groups, (groups: readonly TaskGroup[] | undefined) =>
        groups?.map((group) => (group.fingerprint === fingerprint ? { ...group, retry: started } : group)),
      );
      onDone();
    },
    onError: () => void client.invalidateQueries({ queryKey: keys.groups }),
  });
}
