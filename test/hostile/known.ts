/** What the server has told of: ids, names and cursors, which drafts ask for by name and number. */
export interface Known {
  /** A draft's target, or a header's value, as it is sent. */
  resolve(text: string): string;
  /** Takes what can be asked for out of an answer. */
  learn(target: string, json: unknown): void;
}

/** How many of a name are kept: the newest. */
const KEPT = 200;

/** What a member of an answer may be asked for as, where that is not its own name. */
const OTHER_NAMES: Readonly<Record<string, readonly string[]>> = {
  nextCursor: ['cursor'],
  currentStep: ['step', 'name'],
  step: ['step', 'name'],
};

/** What `id` and `name` are depends on where they stand. */
const BY_PLACE: readonly { readonly place: string; readonly member: string; readonly name: string }[] = [
  { place: '/api/tasks', member: 'id', name: 'id' },
  { place: '/api/billing/payments', member: 'id', name: 'paymentId' },
  { place: '/admin/queues', member: 'id', name: 'jobId' },
  { place: '/admin/queues', member: 'name', name: 'queueName' },
];

/** `beginning` is what is known without any answer; it is asked for more often than what is learnt. */
export function createKnown(beginning: Readonly<Record<string, readonly string[]>>): Known {
  const values = new Map<string, string[]>();
  const keep = (name: string, value: string) => {
    const list = values.get(name) ?? [];
    if (list.includes(value)) return;
    list.push(value);
    if (list.length > KEPT) list.shift();
    values.set(name, list);
  };
  const learn = (target: string, json: unknown): void => {
    // A schema's words are no names of anything.
    if (target.startsWith('/openapi.json')) return;
    if (typeof json !== 'object' || json === null) return;
    for (const [member, value] of Object.entries(json)) {
      if (typeof value === 'string' && value.length <= 200)
        namesOf(target, member).forEach((name) => keep(name, value));
      else learn(target, value);
    }
  };
  return {
    learn,
    resolve: (text) =>
      text.replaceAll(/\{\{(\w+):(\d+)\}\}/g, (_all, name: string, index: string) => {
        const [first, later] = [beginning[name] ?? [], values.get(name) ?? []];
        const list = later.length === 0 || (first.length > 0 && Number(index) % 3 > 0) ? first : later;
        return encodeURIComponent(list[Number(index) % list.length] ?? 'none');
      }),
  };
}

function namesOf(target: string, member: string): readonly string[] {
  const placed = BY_PLACE.filter((rule) => rule.member === member && target.startsWith(rule.place));
  if (placed.length > 0) return placed.map(({ name }) => name);
  return OTHER_NAMES[member] ?? [member];
}
