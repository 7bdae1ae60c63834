import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconBan } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import type { SagaView } from '../../api/types.ts';
import { ActionButton } from '../../components/action-button.tsx';
import { Notice } from '../../components/notice.tsx';
import { ReasonField } from '../../components/reason-field.tsx';
import { NO_REASON, isEnded } from '../../model/words.ts';

export function CancelSaga({ saga }: { readonly saga: SagaView }) {
  const [open, { open: show, close }] = useDisclosure(false);
  if (isEnded(saga.status)) return null;
  return (
    <>
      <ActionButton
        needs="operator"
        variant="default"
        size="sm"
        leftSection={<IconBan size={16} aria-hidden="true" />}
        onClick={show}
      >
        Cancel saga
      </ActionButton>
      <Modal opened={open} onClose={close} title="Cancel this saga" closeButtonProps={{ 'aria-label': 'Close' }}>
        <CancelForm saga={saga} onClose={close} />
      </Modal>
    </>
  );
}

const EFFECTS = {
  forward: 'No further step begins. What was done is undone, newest first, and the saga ends as cancelled.',
  back: 'It is being undone already and goes on so; it then ends as cancelled.',
};

function CancelForm({ saga, onClose }: { readonly saga: SagaView; readonly onClose: () => void }) {
  const [reason, setReason] = useState('');
  const [tried, setTried] = useState(false);
  const cancel = useCancel(saga.sagaId, onClose);
  const missing = reason.trim() === '';
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (!missing) cancel.mutate(reason.trim());
      }}
    >
      <Stack>
        <Text size="sm">{saga.status === 'RUNNING' ? EFFECTS.forward : EFFECTS.back}</Text>
        <ReasonField value={reason} onChange={setReason} error={tried && missing ? NO_REASON : null} />
        {cancel.error ? <Notice title="Not cancelled">{cancel.error.message}</Notice> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Let it run
          </Button>
          <Button type="submit" color="red.9" loading={cancel.isPending}>
            Cancel saga
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function useCancel(sagaId: string, onDone: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (reason: string) =>
      call<SagaView>(`/api/sagas/${encodeURIComponent(sagaId)}/cancel`, { method: 'POST', body: { reason } }),
    onSuccess: (saga) => {
      client.setQueryData(keys.saga(sagaId), saga);
      onDone();
    },
  });
}
