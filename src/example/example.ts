import { configured, type Example } from '../cli/command.ts';

/** The billing sagas at the command line. What it runs is imported when it is run. */
export const billingExample: Example = {
  entry: 'main',
  commands: {
    sandbox: configured({
      summary: 'a payment provider to try things on',
      options: ['port', 'host'],
      settings: ['PORT', 'HOST', 'DATA_DIR'],
      examples: ['sandbox --port 4000'],
      load: async () => (await import('./sandbox.ts')).sandbox,
    }),
  },
  load: async () => (await import('./module.ts')).billingModule,
};
