import { Anchor, Button, Group } from '@mantine/core';
import { IconArrowLeft, IconArrowRight, IconZoomQuestion } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { Link } from 'wouter';
import { ApiError } from '../../api/client.ts';
import { taskQuery } from '../../api/queries.ts';
import type { TaskGroup } from '../../api/types.ts';
import { Card } from '../../components/card.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { Empty } from '../../components/states.tsx';
import { taskPath } from '../../shell/paths.ts';
import { TaskCard } from './task-card.tsx';
import classes from './task-detail.module.css';

interface TaskDetailProps {
  readonly taskId: string;
  readonly groups: readonly TaskGroup[];
}

export function TaskDetail({ taskId, groups }: TaskDetailProps) {
  const task = useQuery({ ...taskQuery(taskId), refetchInterval: 5_000 });
  const detail = useRef<HTMLDivElement>(null);
  const takeFocus = () => detail.current?.focus({ preventScroll: true });
  useEffect(takeFocus, []);
  const next = groups.find(({ exampleTaskId }) => exampleTaskId !== taskId)?.exampleTaskId;
  const unknown = task.error instanceof ApiError && task.error.status === 404;
  return (
    <div ref={detail} tabIndex={-1} role="region" aria-label="Task" className={classes['detail']} data-task-detail>
      <Anchor component={Link} href="/inbox" size="sm" className={classes['back']}>
        <IconArrowLeft size={16} aria-hidden="true" /> Back to the inbox
      </Anchor>
      {unknown ? (
        <Card>
          <Empty icon={IconZoomQuestion} title={`There is no task ${taskId}`} />
        </Card>
      ) : (
        <QueryView query={task} failure="The task could not be read">
          {(data) => (
            <>
              <TaskCard task={data} onResolved={takeFocus} />
              {data.status === 'resolved' && next ? <NextTask id={next} /> : null}
            </>
          )}
        </QueryView>
      )}
    </div>
  );
}

function NextTask({ id }: { readonly id: string }) {
  return (
    <Group justify="flex-end" mt="md">
      <Button
        component={Link}
        href={taskPath(id)}
        variant="default"
        rightSection={<IconArrowRight size={16} aria-hidden="true" />}
      >
        Next open task
      </Button>
    </Group>
  );
}
