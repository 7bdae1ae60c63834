import { IconChevronRight } from '@tabler/icons-react';
import { useId } from 'react';
import { Link } from 'wouter';
import type { TaskGroup } from '../../api/types.ts';
import { Time } from '../../components/time.tsx';
import { count, TASK_WORDS } from '../../model/words.ts';
import { taskPath } from '../../shell/paths.ts';
import classes from './group-list.module.css';
import { GroupRetry } from './group-retry.tsx';
import { GroupTasks } from './group-tasks.tsx';

interface GroupItemProps {
  readonly group: TaskGroup;
  readonly taskId: string | null;
  readonly open: boolean;
  readonly onToggle: () => void;
}

export function GroupItem({ group, taskId, open, onToggle }: GroupItemProps) {
  const panel = useId();
  if (group.count === 1) return <SingleTask group={group} taskId={taskId} />;
  return (
    <li className={classes['group']}>
      <button
        type="button"
        className={classes['row']}
        aria-expanded={open}
        aria-controls={panel}
        data-row
        onClick={onToggle}
      >
        <IconChevronRight size={16} className={classes['chevron']} aria-hidden="true" />
        <GroupText group={group} />
      </button>
      <div id={panel} hidden={!open} className={classes['panel']}>
        {open ? <GroupTasks group={group} taskId={taskId} /> : null}
      </div>
      <GroupRetry group={group} shown={open} />
    </li>
  );
}

function SingleTask({ group, taskId }: { readonly group: TaskGroup; readonly taskId: string | null }) {
  const current = group.exampleTaskId === taskId;
  return (
    <li className={classes['group']}>
      <Link
        href={taskPath(group.exampleTaskId)}
        className={classes['row']}
        aria-current={current ? 'true' : undefined}
        data-row
      >
        <span className={classes['chevron']} />
        <GroupText group={group} />
      </Link>
      <GroupRetry group={group} shown={false} />
    </li>
  );
}

function GroupText({ group }: { readonly group: TaskGroup }) {
  return (
    <>
      <span className={classes['text']}>
        <span className={classes['title']}>
          {TASK_WORDS[group.kind] ?? group.kind}: {group.step}
        </span>
        <span className={classes['pattern']}>{group.pattern}</span>
        <span className={classes['facts']}>
          {group.type}, oldest <Time at={group.oldestAt} />
        </span>
      </span>
      <span className={classes['count']} title={count(group.count, 'task')}>
        {group.count}
      </span>
    </>
  );
}
