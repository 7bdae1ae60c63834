import { IconMoodSmile } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useRef } from 'react';
import { groupsQuery } from '../../api/queries.ts';
import { Card } from '../../components/card.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { Empty } from '../../components/states.tsx';
import { GroupList } from './group-list.tsx';
import { KeyHints } from './key-hints.tsx';
import classes from './open-tasks.module.css';
import { TaskDetail } from './task-detail.tsx';
import { useInboxKeys } from './use-inbox-keys.ts';

/** The groups of what is open, beside the task that is looked at. */
export function OpenTasks({ taskId }: { readonly taskId: string | null }) {
  const groups = useQuery(groupsQuery);
  const panes = useRef<HTMLDivElement>(null);
  useInboxKeys(panes);
  return (
    <div className={classes['panes']} data-detail={taskId !== null || undefined} ref={panes}>
      <div className={classes['list']}>
        <Card>
          <QueryView query={groups} failure="The tasks could not be read">
            {(items) =>
              items.length === 0 ? (
                <Empty icon={IconMoodSmile} title="Nothing waits for you">
                  What cannot be set right by program shows up here.
                </Empty>
              ) : (
                <GroupList groups={items} taskId={taskId} />
              )
            }
          </QueryView>
        </Card>
        <KeyHints />
      </div>
      <div className={classes['detail']}>
        {taskId === null ? (
          <ChooseOne any={(groups.data?.length ?? 0) > 0} />
        ) : (
          <TaskDetail key={taskId} taskId={taskId} groups={groups.data ?? []} />
        )}
      </div>
    </div>
  );
}

function ChooseOne({ any }: { readonly any: boolean }) {
  if (!any) return null;
  return <p className={classes['choose']}>Choose a task to see what happened and what each way out will do.</p>;
}
