import { useEffect, useEffectEvent, useSyncExternalStore } from 'react';
import { readConnection, reportLost, subscribeConnection, type Connection } from './connection.ts';

export function useConnection(): Connection {
  return useSyncExternalStore(subscribeConnection, readConnection);
}

/**
 * Calls `onData` with what the stream at `url` sends as `event`. It begins anew whenever the connection comes back.
 * `null`: there is nothing to listen to.
 */
export function useStream(url: string | null, event: string, onData: (data: unknown) => void): void {
  const { up } = useConnection();
  const receive = useEffectEvent(onData);
  useEffect(() => {
    if (url === null || !up) return undefined;
    const source = new EventSource(url);
    source.addEventListener(event, ({ data }: MessageEvent<string>) => receive(JSON.parse(data)));
    // The browser's own reconnecting knows no backoff, and gives up at an error status.
    source.addEventListener('error', () => {
      source.close();
      reportLost();
    });
    return () => source.close();
  }, [url, event, up]);
}
