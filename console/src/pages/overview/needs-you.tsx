import { Button, Group, Text, ThemeIcon } from '@mantine/core';
import { IconArrowRight, IconCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { groupsQuery } from '../../api/queries.ts';
import type { Overview, TaskGroup } from '../../api/types.ts';
import { Card } from '../../components/card.tsx';
import { Time } from '../../components/time.tsx';
import { count, TASK_WORDS } from '../../model/words.ts';
import { taskPath } from '../../shell/paths.ts';
import { SagaTable } from '../sagas/saga-table.tsx';
import classes from './needs-you.module.css';

/** What waits for a person: the first thing one sees. */
export function NeedsYou({ overview: { openTasks, parked, parkedSagas } }: { readonly overview: Overview }) {
  if (openTasks === 0 && parked === 0) return <NothingWaits />;
  return (
    <div className={classes['needs']}>
      <Card
        flush
        title={`${count(openTasks, 'task')} ${openTasks === 1 ? 'waits' : 'wait'} for a person`}
        aside={
          <Button
            component={Link}
            href="/inbox"
            size="xs"
            rightSection={<IconArrowRight size={14} aria-hidden="true" />}
          >
            Open the inbox
          </Button>
        }
      >
        <Groups />
      </Card>
      {parkedSagas.length > 0 ? (
        <Card
          flush
          title={`${count(parked, 'saga')} ${parked === 1 ? 'is' : 'are'} parked`}
          aside={
            <Button component={Link} href="/sagas?status=FAILED" size="xs" variant="default">
              All parked sagas
            </Button>
          }
        >
          <SagaTable sagas={parkedSagas.slice(0, SHOWN)} label="Parked sagas, newest first" />
        </Card>
      ) : null}
    </div>
  );
}

const SHOWN = 5;

function NothingWaits() {
  return (
    <Card>
      <Group p="lg" gap="md" wrap="nowrap">
        <ThemeIcon size={40} radius="xl" className={classes['calm']} aria-hidden="true">
          <IconCheck size={22} />
        </ThemeIcon>
        <div>
          <Text fw={650} size="lg" component="h2" m={0}>
            Nothing waits for you
          </Text>
          <Text size="sm" c="dimmed">
            No saga is parked and no task is open.
          </Text>
        </div>
      </Group>
    </Card>
  );
}

function Groups() {
  const groups = useQuery(groupsQuery).data ?? [];
  return (
    <ul className={classes['groups']}>
      {groups.slice(0, SHOWN).map((group) => (
        <GroupLine key={group.fingerprint || group.exampleTaskId} group={group} />
      ))}
    </ul>
  );
}

function GroupLine({ group }: { readonly group: TaskGroup }) {
  return (
    <li className={classes['group']}>
      <span className={classes['count']}>{group.count}</span>
      <div className={classes['what']}>
        <Link href={taskPath(group.exampleTaskId)} className={classes['link']}>
          {TASK_WORDS[group.kind] ?? group.kind}: {group.step}
        </Link>
        <span className={classes['pattern']}>{group.pattern}</span>
      </div>
      <span className={classes['since']}>
        oldest <Time at={group.oldestAt} />
      </span>
    </li>
  );
}
