import { z } from 'zod';
import { streamSaga } from '../handlers/stream-saga.ts';
import { streamSagas } from '../handlers/stream-sagas.ts';
import { paging, sagaId } from '../parameters.ts';
import { route, type Route } from '../route.ts';
import { sagaFilter } from '../saga-filter.ts';
import { SAGA, SAGA_ID, SUMMARY } from '../examples.ts';
import { SAGAS } from '../tags.ts';
import { refusal, sagaSummary, sagaView } from '../views.ts';

const type = 'text/event-stream';
const eventText = (event: string, data: object) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
const tooMany = refusal('TOO_MANY_STREAMS or DATABASE_UNAVAILABLE; Retry-After says when to ask again');

/** They come before `/api/sagas/:sagaId`. */
export const streamRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/api/sagas/stream',
    role: 'viewer',
    summary: 'Follow the first page of a list, as server-sent events',
    name: 'streamSagas',
    tag: SAGAS,
    example: { query: { status: 'RUNNING,COMPENSATING' } },
    query: z.strictObject({ ...sagaFilter, limit: paging.limit }),
    responses: {
      200: {
        description:
          'Events `sagas` with {items, ids}: first all sagas, then whenever something changed those that are new or ' +
          'have changed; `ids` are those of all, in order. It ends after 15 minutes at most: open it again',
        type,
        events: { sagas: z.object({ items: z.array(sagaSummary), ids: z.array(z.string()) }) },
        example: eventText('sagas', { items: [SUMMARY], ids: [SAGA_ID] }),
      },
      422: refusal('INVALID_REQUEST or SEARCH_TOO_BROAD'),
      503: tooMany,
    },
    handler: streamSagas,
  }),
  route({
    method: 'get',
    path: '/api/sagas/:sagaId/stream',
    role: 'viewer',
    summary: 'Follow a saga, as server-sent events',
    name: 'streamSaga',
    tag: SAGAS,
    example: { params: { sagaId: SAGA_ID } },
    params: z.object({ sagaId }),
    responses: {
      200: {
        description: 'Events `saga` with the saga: at once, and whenever it changed',
        type,
        events: { saga: sagaView },
        example: eventText('saga', SAGA),
      },
      404: refusal('UNKNOWN_SAGA'),
      503: tooMany,
    },
    handler: streamSaga,
  }),
];
