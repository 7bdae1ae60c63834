import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ApiError, call } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import type { Resolution, TaskView } from '../../api/types.ts';

export interface Decision {
  readonly resolution: Resolution;
  readonly reason: string;
  /** Only with `done`. */
  readonly output?: unknown;
}

export function useResolve(task: TaskView, onResolved?: (task: TaskView) => void) {
  const client = useQueryClient();
  const refresh = () => {
    void client.invalidateQueries({ queryKey: keys.allTasks });
    void client.invalidateQueries({ queryKey: keys.saga(task.sagaId) });
    void client.invalidateQueries({ queryKey: keys.overview });
  };
  return useMutation({
    mutationFn: (decision: Decision) =>
      call<TaskView>(`/api/tasks/${encodeURIComponent(task.id)}/resolve`, { method: 'POST', body: decision }),
    onSuccess: (resolved) => {
      client.setQueryData(keys.task(task.id), resolved);
      refresh();
      onResolved?.(resolved);
    },
    onError: (error) => {
      // What is shown was not how it is.
      if (error instanceof ApiError && error.status === 409) refresh();
    },
  });
}

export interface Refusal {
  readonly title: string;
  readonly text: string;
}

/** A refusal in words. */
export function refusalOf(error: Error): Refusal {
  if (!(error instanceof ApiError)) {
    const text = 'No answer came: it may have been recorded or not. Look at the saga before you try again.';
    return { title: 'It is not known whether this was recorded', text };
  }
  switch (error.code) {
    case 'WRONG_STATE':
      return { title: 'Somebody else was first', text: error.message };
    case 'RESOLUTION_NOT_ALLOWED':
      return { title: 'This is not possible any more', text: `${error.message} ${allowedText(error.allowed)}` };
    case 'FORBIDDEN':
      return { title: 'Your role does not allow this', text: error.message };
    default:
      return { title: 'Not recorded', text: error.message };
  }
}

const allowedText = (allowed: readonly string[]): string =>
  allowed.length === 0 ? 'Nothing is to be done about it now.' : `Possible now: ${allowed.join(', ')}.`;
