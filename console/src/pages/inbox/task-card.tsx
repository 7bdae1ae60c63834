import { Anchor, List, Text } from '@mantine/core';
import { Link } from 'wouter';
import type { TaskView } from '../../api/types.ts';
import { Notice } from '../../components/notice.tsx';
import { Pill } from '../../components/pill.tsx';
import { Time } from '../../components/time.tsx';
import { RESOLUTION_WORDS, SAGA_WORDS, TASK_WORDS } from '../../model/words.ts';
import { sagaPath } from '../../shell/paths.ts';
import { ResolutionForm } from './resolution-form.tsx';
import { refusalOf, useResolve } from './use-resolve.ts';
import classes from './task-card.module.css';

interface TaskCardProps {
  readonly task: TaskView;
  /** Shown on its saga's page: which saga it is need not be said. */
  readonly withinSaga?: boolean;
  readonly onResolved?: (task: TaskView) => void;
}

/** What happened, what is known, and what can be done about it. */
export function TaskCard({ task, withinSaga = false, onResolved }: TaskCardProps) {
  const resolve = useResolve(task, onResolved);
  const refusal = resolve.error ? refusalOf(resolve.error) : null;
  const heading = `task-${task.id}`;
  return (
    <section className={classes['task']} data-open={task.status === 'open' || undefined} aria-labelledby={heading}>
      <TaskHead task={task} id={heading} withinSaga={withinSaga} />
      <h3>{isAsked(task) ? 'What a person has to do' : 'What happened'}</h3>
      <p className={classes['message']}>{task.message}</p>
      <Known known={task.known} />
      {refusal ? <Notice title={refusal.title}>{refusal.text}</Notice> : null}
      {task.status === 'open' ? (
        <ResolutionForm task={task} pending={resolve.isPending} onDecide={(decision) => resolve.mutate(decision)} />
      ) : (
        <Resolved task={task} />
      )}
    </section>
  );
}

/** Its message is the instructions of the step, not an error. */
const isAsked = ({ kind }: TaskView): boolean => kind === 'MANUAL_COMPENSATION' || kind === 'UNKNOWN_OUTCOME';

function TaskHead({
  task,
  id,
  withinSaga,
}: {
  readonly task: TaskView;
  readonly id: string;
  readonly withinSaga: boolean;
}) {
  return (
    <header className={classes['head']}>
      <h2 id={id}>
        {TASK_WORDS[task.kind] ?? task.kind}: <code>{task.step}</code>
      </h2>
      <div className={classes['facts']}>
        <Pill tone={task.status === 'open' ? 'bad' : 'good'}>{task.status === 'open' ? 'Open' : 'Resolved'}</Pill>
        {withinSaga ? null : (
          <Anchor component={Link} href={sagaPath(task.sagaId)} size="sm">
            {task.sagaId}
          </Anchor>
        )}
        {task.rescue ? (
          <Anchor component={Link} href={sagaPath(task.rescue.sagaId)} size="sm">
            its rescue: {SAGA_WORDS[task.rescue.status].text.toLowerCase()}
          </Anchor>
        ) : null}
        <Text size="sm" c="dimmed" component="span">
          task {task.id}, opened <Time at={task.createdAt} />
        </Text>
      </div>
    </header>
  );
}

function Known({ known }: { readonly known: readonly string[] | undefined }) {
  if (!known || known.length === 0) return null;
  return (
    <>
      <h3>What is known</h3>
      <List size="sm" spacing={4}>
        {known.map((sentence) => (
          <List.Item key={sentence}>{sentence}</List.Item>
        ))}
      </List>
    </>
  );
}

function Resolved({ task: { resolution, resolvedBy, resolvedAt, reason } }: { readonly task: TaskView }) {
  return (
    <>
      <h3>How it was resolved</h3>
      <p className={classes['message']} role="status">
        <b>{resolution ? RESOLUTION_WORDS[resolution].name : 'Resolved'}</b>
        {resolvedBy ? `, by ${resolvedBy}` : ''}
        {resolvedAt ? (
          <>
            {' '}
            <Time at={resolvedAt} />
          </>
        ) : null}
        {reason ? `: ${reason}` : ''}
      </p>
    </>
  );
}
