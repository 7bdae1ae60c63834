import { Button } from '@mantine/core';
import { IconArrowUp } from '@tabler/icons-react';
import type { SagaSummary } from '../../api/types.ts';
import { count } from '../../model/words.ts';
import classes from './new-rows.module.css';

interface NewRowsProps {
  readonly waiting: readonly SagaSummary[];
  readonly departed: number;
  readonly onShow: () => void;
}

/** Says what has come while one was further down, and shows it when asked. */
export function NewRows({ waiting, departed, onShow }: NewRowsProps) {
  return (
    <div className={classes['place']} role="status">
      {waiting.length + departed > 0 ? (
        <Button
          size="compact-sm"
          radius="xl"
          leftSection={<IconArrowUp size={14} aria-hidden="true" />}
          className={classes['button']}
          onClick={onShow}
        >
          {waiting.length > 0 ? count(waiting.length, 'new saga') : 'Refresh the list'}
        </Button>
      ) : null}
    </div>
  );
}
