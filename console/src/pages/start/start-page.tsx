import { Select } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useLocation } from 'wouter';
import { definitionsQuery } from '../../api/queries.ts';
import type { Definition } from '../../api/types.ts';
import { Card } from '../../components/card.tsx';
import { Page } from '../../components/page.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { Empty } from '../../components/states.tsx';
import { startPath } from '../../shell/paths.ts';
import { DefinitionCard } from './definition-card.tsx';
import { StartForm } from './start-form.tsx';
import classes from './start-page.module.css';

export default function StartPage({ type }: { readonly type: string | null }) {
  const definitions = useQuery(definitionsQuery);
  return (
    <Page title="Start a saga" subtitle="What can be run here, and what it takes">
      <QueryView query={definitions} failure="The definitions could not be read">
        {(items) =>
          items.length === 0 ? (
            <Card>
              <Empty icon={IconPlayerPlay} title="No sagas are defined here">
                Give Backstep a module that exports some: <code>--sagas ./trips.ts</code>
              </Empty>
            </Card>
          ) : (
            <ChosenType definitions={items} type={type} />
          )
        }
      </QueryView>
    </Page>
  );
}

interface ChosenTypeProps {
  readonly definitions: readonly Definition[];
  readonly type: string | null;
}

function ChosenType({ definitions, type }: ChosenTypeProps) {
  const [, navigate] = useLocation();
  const chosen = definitions.find((definition) => definition.type === type);
  return (
    <>
      <Select
        label="Type"
        placeholder="Choose what to start"
        data={definitions.map((definition) => definition.type)}
        value={chosen?.type ?? null}
        error={type !== null && !chosen ? `There is no saga ${type} here` : null}
        onChange={(value) => value && navigate(startPath(value), { replace: true })}
        maw={420}
      />
      {chosen ? (
        <div className={classes['columns']} key={chosen.type}>
          <StartForm definition={chosen} />
          <DefinitionCard definition={chosen} />
        </div>
      ) : (
        <div className={classes['all']}>
          {definitions.map((definition) => (
            <DefinitionCard key={definition.type} definition={definition} choosable />
          ))}
        </div>
      )}
    </>
  );
}
