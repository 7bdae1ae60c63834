import { AppShell, Burger, Group } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { Brand } from './brand.tsx';
import { ConnectionBanner } from './connection-banner.tsx';
import { Navigation } from './navigation.tsx';
import classes from './shell.module.css';
import { SchemeSwitch, WhoAmI } from './who-am-i.tsx';

/** What is around every page: where one is, who one is, and whether what is shown is current. */
export function Shell({ children }: { readonly children: ReactNode }) {
  const [open, { toggle, close }] = useDisclosure(false);
  return (
    <AppShell
      header={{ height: 52 }}
      navbar={{ width: 216, breakpoint: 'sm', collapsed: { mobile: !open } }}
      padding={{ base: 'sm', sm: 'lg' }}
      transitionDuration={0}
    >
      <a href="#main" className={classes['skip']}>
        Skip to the page
      </a>
      <AppShell.Header className={classes['header']} px="md">
        <Group h="100%" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger
              opened={open}
              onClick={toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label="Navigation"
              aria-expanded={open}
            />
            <Link href="/" className={classes['home']} aria-label="Backstep, to the overview">
              <Brand />
            </Link>
          </Group>
          <Group gap="sm" wrap="nowrap">
            <WhoAmI />
            <SchemeSwitch />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar className={classes['navbar']} p="xs" aria-label="Pages">
        <Navigation onNavigate={close} />
      </AppShell.Navbar>
      <AppShell.Main id="main">
        <ConnectionBanner />
        {children}
      </AppShell.Main>
    </AppShell>
  );
}
