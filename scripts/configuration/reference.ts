/** The reference of the configuration, docs/configuration.md, from the tables that the configuration itself is read by. */
import { COMMANDS } from '../../src/cli/commands.ts';
import { SETTING_OPTIONS } from '../../src/cli/options.ts';
import { CLIENT_VARIABLES } from '../../src/environment/client-variables.ts';
import { type SettingName, type Variable, VARIABLES } from '../../src/environment/variables.ts';

interface Topic {
  readonly title: string;
  readonly names: readonly SettingName[];
}

const TOPICS: readonly Topic[] = [
  { title: 'Servers', names: ['DATABASE_URL', 'REDIS_URL', 'QUEUE_PREFIX'] },
  { title: 'Sagas', names: ['SAGA_MODULES', 'PROVIDER_URL', 'OUTPUT_LIMIT_BYTES'] },
  {
    title: 'The API',
    names: ['HOST', 'PORT', 'API_KEYS', 'SESSION_SECRET', 'SESSION_HOURS', 'RATE_LIMIT_PER_MINUTE', 'TRUST_PROXY'],
  },
  { title: 'Workers', names: ['WORKER_CONCURRENCY', 'AUTOSCALE_MIN', 'AUTOSCALE_MAX', 'GRACE_MS', 'METRICS_PORT'] },
  { title: 'What is kept', names: ['RETENTION_DAYS', 'AUDIT_RETENTION_DAYS'] },
  { title: 'Webhooks', names: ['WEBHOOK_URLS', 'WEBHOOK_SECRET', 'WEBHOOK_EVENTS'] },
  { title: 'Logs and traces', names: ['LOG_LEVEL', 'OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_SERVICE_NAME'] },
  { title: 'On one machine', names: ['DATA_DIR', 'PATH'] },
];

const INTRODUCTION = `# Configuration

Everything is set by variables of the environment; a few are options of the command line, too, which win. \`backstep help COMMAND\` shows those
that matter to a command. A variable that is set to nothing counts as not set.

A value that is malformed keeps a process from starting, with exit code 1 and one line that names the variable, what was expected and what
was got; a value that may hold a secret is not repeated:

<!-- test: picture -->
\`\`\`text
backstep: PORT: expected a whole number from 0 to 65535, got "http"
\`\`\`

So does a name that is a slip away from one that the command reads and that is not set, since what was meant would silently not hold:

<!-- test: picture -->
\`\`\`text
backstep: RETENTION_DAY: expected RETENTION_DAYS, which is not set. If RETENTION_DAY is another program's, set RETENTION_DAYS too, to nothing if need be
\`\`\`

All other names are left alone: saga modules read settings of their own (\`settings\`), without \`API_KEYS\`, \`SESSION_SECRET\` and
\`WEBHOOK_SECRET\`. The library reads no environment: \`createRunner\` takes options.

This page is written by \`npm run configuration\` from \`src/environment\`, which is what the configuration itself is read by.
`;

export function configurationReference(): string {
  const topics = TOPICS.map(({ title, names }) =>
    section(
      title,
      names.map((name) => row(name, VARIABLES[name], readBy(name))),
    ),
  );
  const client = Object.entries<Variable>(CLIENT_VARIABLES).map(([name, variable]) => row(name, variable));
  const operate = section('The commands that talk to the API', client);
  return [INTRODUCTION, ...topics, operate].join('\n');
}

function section(title: string, rows: readonly (readonly string[])[]): string {
  const [first = []] = rows;
  const head = ['variable', 'what it is for', 'value', 'default', 'example', 'read by'].slice(0, first.length);
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return `## ${title}\n\n${lines.join('\n')}\n`;
}

function row(name: string, { text, expected, fallback, otherwise, example }: Variable, commands?: string) {
  const option = Object.entries(SETTING_OPTIONS).find(([, { setting }]) => setting === name)?.[0];
  const what = option === undefined ? cell(text) : `${cell(text)}; \`--${option}\``;
  const without = fallback === undefined ? cell(otherwise ?? 'none') : `\`${fallback}\``;
  return [
    `\`${name}\``,
    what,
    cell(expected),
    without,
    `\`${example}\``,
    ...(commands === undefined ? [] : [commands]),
  ];
}

function readBy(name: SettingName): string {
  const commands = Object.entries(COMMANDS).filter(([, { settings }]) => settings.includes(name));
  return commands.map(([command]) => command).join(', ');
}

const cell = (words: string) => words.replaceAll('|', '\\|');
