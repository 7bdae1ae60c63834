import { Anchor } from '@mantine/core';
import { IconHistoryOff } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { taskPages } from '../../api/queries.ts';
import type { TaskView } from '../../api/types.ts';
import { Card } from '../../components/card.tsx';
import { LoadMore } from '../../components/load-more.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { Empty } from '../../components/states.tsx';
import { Time } from '../../components/time.tsx';
import { RESOLUTION_WORDS, TASK_WORDS } from '../../model/words.ts';
import { sagaPath } from '../../shell/paths.ts';
import classes from './resolved-tasks.module.css';

export function ResolvedTasks() {
  const list = useInfiniteQuery(taskPages({ status: 'resolved' }));
  return (
    <Card>
      <QueryView query={list} failure="The tasks could not be read">
        {({ pages }) => {
          const tasks = pages.flatMap((page) => page.items);
          if (tasks.length === 0) return <Empty icon={IconHistoryOff} title="No task has been resolved yet" />;
          return (
            <ul className={classes['tasks']} aria-label="Resolved tasks">
              {tasks.map((task) => (
                <ResolvedTask key={task.id} task={task} />
              ))}
            </ul>
          );
        }}
      </QueryView>
      <LoadMore list={list} />
    </Card>
  );
}

function ResolvedTask({ task }: { readonly task: TaskView }) {
  return (
    <li className={classes['task']}>
      <div className={classes['head']}>
        <b>{task.resolution ? RESOLUTION_WORDS[task.resolution].name : 'Resolved'}</b>
        <span>
          {TASK_WORDS[task.kind] ?? task.kind}: {task.step}
        </span>
        <span className={classes['by']}>
          {task.resolvedBy} {task.resolvedAt ? <Time at={task.resolvedAt} /> : null}
        </span>
      </div>
      <p className={classes['reason']}>{task.reason}</p>
      <p className={classes['message']}>{task.message}</p>
      <Anchor component={Link} href={sagaPath(task.sagaId)} size="xs">
        {task.sagaId}
      </Anchor>
    </li>
  );
}
