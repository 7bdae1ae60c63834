import { useMutation } from '@tanstack/react-query';
import { useRef } from 'react';
import { useLocation } from 'wouter';
import { ApiError, call } from '../../api/client.ts';
import { messagesByPointer } from '../../model/form-value.ts';
import type { Field } from '../../model/schema-field.ts';
import { sagaPath } from '../../shell/paths.ts';

interface Started {
  readonly sagaId: string;
}

/** Starts a saga and leads to it. The same input sent again has the same idempotency key: it is the same request. */
export function useStart(type: string, form: Field) {
  const [, navigate] = useLocation();
  const sent = useRef<{ readonly body: string; readonly key: string } | null>(null);
  const mutation = useMutation({
    mutationFn: (input: unknown) => {
      const body = JSON.stringify(input);
      if (sent.current?.body !== body) sent.current = { body, key: newKey() };
      const path = `/api/sagas/${encodeURIComponent(type)}`;
      return call<Started>(path, { method: 'POST', body: input, idempotencyKey: sent.current.key });
    },
    onSuccess: ({ sagaId }) => navigate(sagaPath(sagaId)),
  });
  const { error } = mutation;
  const inBody = error instanceof ApiError ? error.errors.filter((issue) => issue.in === 'body') : [];
  return {
    pending: mutation.isPending,
    send: mutation.mutate,
    forget: mutation.reset,
    messages: messagesByPointer(inBody, form),
    refusal: error ? refusalOf(error, inBody.length) : null,
  };
}

function refusalOf(error: Error, shownAtFields: number) {
  if (!(error instanceof ApiError)) {
    return {
      title: 'No answer came',
      text: 'It may have been started or not. Pressing again is safe: it is the same request.',
    };
  }
  if (shownAtFields > 0) return { title: 'Not started', text: 'The input does not fit: see the fields.' };
  return { title: 'Not started', text: error.message };
}

/** `crypto.randomUUID` is there on HTTPS and localhost only. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `console-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
