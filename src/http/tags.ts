/** What the operations of the route table are about; the documentation groups them by it, in this order. */
export interface Tag {
  readonly name: string;
  readonly description: string;
}

export const SAGAS: Tag = { name: 'Sagas', description: 'Start, follow, answer and cancel sagas.' };
export const TASKS: Tag = { name: 'Tasks', description: 'What waits for a person, and what is done about it.' };
export const OPERATIONS: Tag = { name: 'Operations', description: 'How it goes, and who did what.' };
export const SESSIONS: Tag = { name: 'Sessions', description: 'Who asks, and what they may do.' };
export const SERVICE: Tag = { name: 'Service', description: 'Health, metrics, and this documentation.' };
/** Of routes that name none. */
export const APPLICATION: Tag = { name: 'Application', description: 'Routes of the saga modules.' };

export const TAGS: readonly Tag[] = [SAGAS, TASKS, OPERATIONS, SESSIONS, SERVICE];
