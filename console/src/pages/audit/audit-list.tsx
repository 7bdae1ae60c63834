import { Anchor } from '@mantine/core';
import { Link } from 'wouter';
import type { AuditEntry } from '../../api/types.ts';
import { Time } from '../../components/time.tsx';
import { ACTION_WORDS } from '../../model/words.ts';
import { sagaPath, taskPath } from '../../shell/paths.ts';
import classes from './audit-list.module.css';

export function AuditList({ entries }: { readonly entries: readonly AuditEntry[] }) {
  return (
    <ol className={classes['entries']} aria-label="Audit entries, newest first">
      {entries.map((entry) => (
        <Entry key={entry.id} entry={entry} />
      ))}
    </ol>
  );
}

function Entry({ entry }: { readonly entry: AuditEntry }) {
  const { actor, action, sagaId, step, taskId, detail, reason, at } = entry;
  return (
    <li className={classes['entry']}>
      <div className={classes['what']}>
        <b>{actor}</b> {ACTION_WORDS[action] ?? action}{' '}
        {sagaId ? (
          <Anchor component={Link} href={sagaPath(sagaId)} size="sm" className={classes['saga']}>
            {sagaId}
          </Anchor>
        ) : null}
        <span className={classes['facts']}>
          {[step, detail].filter((fact) => fact !== null).join(', ')}
          {taskId ? (
            <>
              {' '}
              <Anchor component={Link} href={taskPath(taskId)} size="xs">
                task {taskId}
              </Anchor>
            </>
          ) : null}
        </span>
        {reason ? <q className={classes['reason']}>{reason}</q> : null}
      </div>
      <span className={classes['at']}>
        <Time at={at} />
      </span>
    </li>
  );
}
