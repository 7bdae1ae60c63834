import { Badge, Box, NavLink, Stack } from '@mantine/core';
import {
  IconExternalLink,
  IconHistory,
  IconInbox,
  IconLayoutDashboard,
  IconListDetails,
  IconPlayerPlay,
  type Icon,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useLocation } from 'wouter';
import { groupsQuery } from '../api/queries.ts';
import classes from './navigation.module.css';
import { BOARD_URL, DOCS_URL } from './paths.ts';
import { MyName } from './who-am-i.tsx';

interface Place {
  readonly path: string;
  readonly name: string;
  readonly icon: Icon;
}

const PLACES: readonly Place[] = [
  { path: '/', name: 'Overview', icon: IconLayoutDashboard },
  { path: '/sagas', name: 'Sagas', icon: IconListDetails },
  { path: '/inbox', name: 'Inbox', icon: IconInbox },
  { path: '/start', name: 'Start a saga', icon: IconPlayerPlay },
  { path: '/audit', name: 'Audit', icon: IconHistory },
];

const isBelow = (location: string, path: string): boolean => location === path || location.startsWith(`${path}/`);

export function Navigation({ onNavigate }: { readonly onNavigate: () => void }) {
  const [location] = useLocation();
  return (
    <Stack gap={2} justify="space-between" h="100%">
      <div>
        {PLACES.map(({ path, name, icon: Glyph }) => {
          const active = path === '/' ? location === '/' : isBelow(location, path);
          return (
            <NavLink
              key={path}
              component={Link}
              href={path}
              className={classes['place']}
              label={name}
              active={active}
              aria-current={active ? 'page' : undefined}
              leftSection={<Glyph size={18} stroke={1.7} aria-hidden="true" />}
              rightSection={path === '/inbox' ? <OpenTasks /> : null}
              onClick={onNavigate}
            />
          );
        })}
      </div>
      <div>
        <Box hiddenFrom="xs" p="xs">
          <MyName />
        </Box>
        <NavLink
          href={BOARD_URL}
          className={classes['place']}
          label="Bull Board"
          rightSection={<IconExternalLink size={15} stroke={1.7} aria-hidden="true" />}
        />
        <NavLink
          href={DOCS_URL}
          className={classes['place']}
          label="API"
          rightSection={<IconExternalLink size={15} stroke={1.7} aria-hidden="true" />}
        />
      </div>
    </Stack>
  );
}

function OpenTasks() {
  const { data } = useQuery(groupsQuery);
  const open = data?.reduce((sum, group) => sum + group.count, 0) ?? 0;
  if (open === 0) return null;
  return (
    <Badge size="sm" color="red.9" circle={open < 10} aria-label={`${open} open`}>
      {open > 999 ? '999+' : open}
    </Badge>
  );
}
