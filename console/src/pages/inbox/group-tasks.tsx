import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { taskPages } from '../../api/queries.ts';
import type { TaskGroup } from '../../api/types.ts';
import { LoadMore } from '../../components/load-more.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { Loading } from '../../components/states.tsx';
import { Time } from '../../components/time.tsx';
import { shortId } from '../../model/words.ts';
import { taskPath } from '../../shell/paths.ts';
import classes from './group-list.module.css';

interface GroupTasksProps {
  readonly group: TaskGroup;
  readonly taskId: string | null;
}

export function GroupTasks({ group, taskId }: GroupTasksProps) {
  const list = useInfiniteQuery({
    ...taskPages({ status: 'open', fingerprint: group.fingerprint }),
    refetchInterval: 5_000,
  });
  return (
    <QueryView query={list} failure="The tasks could not be read" loading={<Loading rows={2} height={24} />}>
      {({ pages }) => (
        <>
          <ul className={classes['tasks']}>
            {pages
              .flatMap((page) => page.items)
              .map((task) => (
                <li key={task.id}>
                  <Link
                    href={taskPath(task.id)}
                    className={classes['task']}
                    aria-current={task.id === taskId ? 'true' : undefined}
                    data-row
                  >
                    <span className={classes['id']} title={task.sagaId}>
                      {shortId(task)}
                    </span>
                    <span className={classes['age']}>
                      <Time at={task.createdAt} />
                    </span>
                  </Link>
                </li>
              ))}
          </ul>
          <LoadMore list={list} />
        </>
      )}
    </QueryView>
  );
}
