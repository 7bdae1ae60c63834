import { VisuallyHidden } from '@mantine/core';
import { Link } from 'wouter';
import type { SagaSummary } from '../../api/types.ts';
import { SagaPill } from '../../components/pill.tsx';
import { Time } from '../../components/time.tsx';
import { between, duration } from '../../model/time.ts';
import { shortId } from '../../model/words.ts';
import { sagaPath } from '../../shell/paths.ts';
import { useRowKeys } from '../../components/row-keys.ts';
import classes from './saga-table.module.css';

interface SagaTableProps {
  readonly sagas: readonly SagaSummary[];
  /** Rows that the filter no longer takes: shown faintly until the list is refreshed. */
  readonly departed?: ReadonlySet<string>;
  readonly label: string;
}

/** Rows are reached by Tab, walked with the arrow keys, j and k, and opened with Enter. */
export function SagaTable({ sagas, departed, label }: SagaTableProps) {
  const keys = useRowKeys();
  return (
    <table className={classes['table']} ref={keys}>
      <caption>
        <VisuallyHidden>{label}</VisuallyHidden>
      </caption>
      <thead>
        <tr>
          <th scope="col">Status</th>
          <th scope="col">Saga</th>
          <th scope="col">Step or error</th>
          <th scope="col" className={classes['number']}>
            Took
          </th>
          <th scope="col" className={classes['number']}>
            Started
          </th>
        </tr>
      </thead>
      <tbody>
        {sagas.map((saga) => (
          <SagaRow key={saga.sagaId} saga={saga} departed={departed?.has(saga.sagaId) ?? false} />
        ))}
      </tbody>
    </table>
  );
}

function SagaRow({ saga, departed }: { readonly saga: SagaSummary; readonly departed: boolean }) {
  const path = sagaPath(saga.sagaId);
  return (
    <tr
      className={classes['row']}
      data-departed={departed || undefined}
      title={departed ? 'Has changed, and no longer fits the filters' : undefined}
    >
      <td className={classes['status']}>
        <SagaPill status={saga.status} />
      </td>
      <td className={classes['saga']}>
        <Link href={path} className={classes['link']} data-row>
          <span className={classes['type']}>{saga.type}</span>
          <span className={classes['id']} title={saga.sagaId}>
            {shortId(saga)}
          </span>
        </Link>
      </td>
      <td className={classes['what']}>
        <What saga={saga} />
      </td>
      <td className={classes['number']} data-label="Took">
        {saga.completedAt ? duration(between(saga.startedAt, saga.completedAt)) : '–'}
      </td>
      <td className={classes['number']} data-label="Started">
        <Time at={saga.startedAt} />
      </td>
    </tr>
  );
}

function What({ saga: { status, currentStep, error, reason, retryCount } }: { readonly saga: SagaSummary }) {
  const trouble = error ?? reason;
  return (
    <>
      {status === 'COMPLETED' ? null : <span className={classes['step']}>{currentStep}</span>}
      {retryCount > 0 && status === 'RUNNING' ? (
        <span className={classes['retries']}>{retryCount} failed attempts</span>
      ) : null}
      {trouble ? <span className={classes['error']}>{trouble}</span> : null}
    </>
  );
}
