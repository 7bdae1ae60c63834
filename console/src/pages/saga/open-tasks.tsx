import type { SagaView } from '../../api/types.ts';
import { TaskCard } from '../inbox/task-card.tsx';

/** What waits for a person, to be resolved in place. */
export function OpenTasks({ saga }: { readonly saga: SagaView }) {
  return saga.tasks
    .filter(({ status }) => status === 'open')
    .map((task) => <TaskCard key={task.id} task={task} withinSaga />);
}
