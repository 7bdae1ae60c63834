import type { ReactNode } from 'react';
import type { SagaView } from '../../api/types.ts';
import { Card } from '../../components/card.tsx';
import { absoluteTime, Time, useNow } from '../../components/time.tsx';
import { between, duration } from '../../model/time.ts';
import classes from './facts.module.css';

export function Facts({ saga }: { readonly saga: SagaView }) {
  return (
    <Card>
      <dl className={classes['facts']}>
        <Fact name="Started">
          <Time at={saga.startedAt} />
        </Fact>
        <Fact name="Last change">
          <Time at={saga.updatedAt} />
        </Fact>
        {saga.completedAt ? (
          <Fact name="Took">{duration(between(saga.startedAt, saga.completedAt))}</Fact>
        ) : (
          <Deadline saga={saga} />
        )}
        <Fact name="Failed attempts">{saga.retryCount}</Fact>
        <Fact name="Generation of jobs">{saga.generation}</Fact>
      </dl>
    </Card>
  );
}

function Deadline({ saga: { timeoutAt, waitUntil, status } }: { readonly saga: SagaView }) {
  const now = useNow();
  if (status !== 'RUNNING') return null;
  return (
    <>
      {waitUntil ? (
        <Fact name="Waits for an answer until">
          <Time at={waitUntil} />
        </Fact>
      ) : null}
      {timeoutAt ? (
        <Fact name="Deadline">
          <time dateTime={timeoutAt} title={absoluteTime(timeoutAt)}>
            {Date.parse(timeoutAt) > now ? `in ${duration(Date.parse(timeoutAt) - now)}` : 'over'}
          </time>
        </Fact>
      ) : null}
    </>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
