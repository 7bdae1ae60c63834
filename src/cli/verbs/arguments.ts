/** Arguments that several verbs have. */
export const SAGA_ID = { name: 'ID', text: 'the id of the saga' } as const;

export const TASK_ID = { name: 'ID', text: 'the number of the task' } as const;
