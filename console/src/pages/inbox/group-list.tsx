import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { taskQuery } from '../../api/queries.ts';
import type { TaskGroup } from '../../api/types.ts';
import { GroupItem } from './group-item.tsx';
import classes from './group-list.module.css';

interface GroupListProps {
  readonly groups: readonly TaskGroup[];
  /** The task that is looked at. */
  readonly taskId: string | null;
}

/** One error, many sagas: what has the same cause is one group. */
export function GroupList({ groups, taskId }: GroupListProps) {
  const looked = useQuery({ ...taskQuery(taskId ?? ''), enabled: taskId !== null }).data?.fingerprint;
  const [toggled, setToggled] = useState<Readonly<Record<string, boolean>>>({});
  const isOpen = (fingerprint: string) => toggled[fingerprint] ?? fingerprint === looked;
  return (
    <ul className={classes['groups']} aria-label="Open tasks by cause">
      {groups.map((group) => (
        <GroupItem
          // Those that stand alone have no fingerprint.
          key={group.fingerprint || group.exampleTaskId}
          group={group}
          taskId={taskId}
          open={isOpen(group.fingerprint)}
          onToggle={() => setToggled({ ...toggled, [group.fingerprint]: !isOpen(group.fingerprint) })}
        />
      ))}
    </ul>
  );
}
