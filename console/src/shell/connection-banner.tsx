import { Button } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { retryNow } from '../api/connection.ts';
import { useConnection } from '../api/stream.ts';
import { ClockTime, useNow } from '../components/time.tsx';
import classes from './connection-banner.module.css';

/** Says that what is shown may be old. */
export function ConnectionBanner() {
  const connection = useConnection();
  const now = useNow();
  if (connection.up || connection.lostAt === null) return null;
  const seconds = connection.retryAt === null ? 0 : Math.max(0, Math.ceil((connection.retryAt - now) / 1_000));
  return (
    <div className={classes['banner']} role="alert">
      <IconPlugConnectedX size={18} aria-hidden="true" />
      <span>
        <b>Connection lost.</b> What you see is from <ClockTime at={new Date(connection.lostAt).toISOString()} />.
      </span>
      <span aria-hidden="true">{seconds > 0 ? `Trying again in ${seconds} s` : 'Trying again …'}</span>
      <Button size="compact-xs" variant="default" onClick={retryNow}>
        Try now
      </Button>
    </div>
  );
}
