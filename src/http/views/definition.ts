import { z } from 'zod';
import type { DefinitionView } from '../definition-view.ts';
import { schemaOf } from '../schema-of.ts';

const limits = z.object({ concurrency: z.int().exactOptional(), perSecond: z.int().exactOptional() });

const stepDefinition = z.object({
  name: z.string(),
  kind: z.enum(['step', 'transaction', 'wait']),
  undo: z.enum(['auto', 'manual', 'nothing']),
  instructions: z.string().nullable().describe('What a person has to do who undoes it'),
  attempts: z.int(),
  timeoutMs: z.int(),
  limits: limits.exactOptional().describe("Its own, or its saga's"),
});

export const definition = schemaOf<DefinitionView>()(
  z
    .object({
      type: z.string(),
      timeoutMs: z.int(),
      onCompensationFailure: z.enum(['stop', 'continue']),
      steps: z.array(stepDefinition),
      input: z.record(z.string(), z.unknown()).describe('JSON Schema of a request, draft 2020-12'),
      redact: z.array(z.string()).describe('Paths of what is not shown of input, outputs and state'),
    })
    .meta({ id: 'Definition' }),
);
