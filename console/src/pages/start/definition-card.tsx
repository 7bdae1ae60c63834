import { Button } from '@mantine/core';
import { Link } from 'wouter';
import type { Definition } from '../../api/types.ts';
import { Card } from '../../components/card.tsx';
import { duration } from '../../model/time.ts';
import { UNDO_WORDS } from '../../model/words.ts';
import { startPath } from '../../shell/paths.ts';
import classes from './definition-card.module.css';

interface DefinitionCardProps {
  readonly definition: Definition;
  /** Whether it leads to its form. */
  readonly choosable?: boolean;
}

/** What a saga does, step by step, and how each is undone. */
export function DefinitionCard({ definition, choosable = false }: DefinitionCardProps) {
  const { type, steps, timeoutMs, redact } = definition;
  return (
    <Card
      title={choosable ? type : 'What it does'}
      flush
      aside={
        choosable ? (
          <Button component={Link} href={startPath(type)} size="xs" variant="default" aria-label={`Choose ${type}`}>
            Choose
          </Button>
        ) : null
      }
    >
      <ol className={classes['steps']}>
        {steps.map((step) => (
          <li key={step.name}>
            <span className={classes['name']}>{step.name}</span>
            <span className={classes['facts']}>
              {step.kind}, {step.attempts === 1 ? '1 attempt' : `${step.attempts} attempts`} of{' '}
              {duration(step.timeoutMs)}, {UNDO_WORDS[step.undo]}
            </span>
          </li>
        ))}
      </ol>
      <p className={classes['foot']}>
        {timeoutMs > 0 ? `Undone if it has not ended after ${duration(timeoutMs)}.` : 'Has no deadline.'}
        {redact.length > 0 ? ` Never shown: ${redact.join(', ')}.` : ''}
      </p>
    </Card>
  );
}
