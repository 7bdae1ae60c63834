import { eventually } from './eventually.ts';

export interface ReceivedEvent {
  readonly event: string;
  readonly data: unknown;
}

/** A reader of server-sent events. */
export interface EventClient {
  readonly status: number;
  readonly headers: Headers;
  /** All that came until now. */
  readonly events: readonly ReceivedEvent[];
  /** All text that came until now, comments included. */
  text(): string;
  /** The server has ended it, or the connection is lost. */
  isOver(): boolean;
  /** Resolves when so many events have come. */
  count(events: number): Promise<readonly ReceivedEvent[]>;
  close(): void;
}

export async function openEvents(url: string): Promise<EventClient> {
  const stop = new AbortController();
  const response = await fetch(url, { signal: stop.signal });
  let text = '';
  let over = false;
  const events: ReceivedEvent[] = [];
  const read = async () => {
    let rest = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      const part = decoder.decode(chunk as Uint8Array, { stream: true });
      text += part;
      const blocks = (rest + part).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const [, event, data] = /^event: (.*)\ndata: (.*)$/.exec(block) ?? [];
        if (event !== undefined && data !== undefined) events.push({ event, data: JSON.parse(data) as unknown });
      }
    }
  };
  void read()
    .catch(() => undefined)
    .finally(() => (over = true));
  return {
    status: response.status,
    headers: response.headers,
    events,
    text: () => text,
    isOver: () => over,
    count: (wanted) => eventually(() => events.length >= wanted && events),
    close: () => stop.abort(),
  };
}
