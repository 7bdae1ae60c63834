import {
  ActionIcon,
  Box,
  Button,
  Group,
  Menu,
  Text,
  Tooltip,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core';
import { IconDeviceDesktop, IconLogout, IconMoon, IconSun, IconUser } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useLocation } from 'wouter';
import { call } from '../api/client.ts';
import { LOGIN_PATH } from './paths.ts';
import { useSession } from './session.tsx';

/** The name of the key, and what it may do. */
export function MyName() {
  const { name, role } = useSession();
  return (
    <Group gap={6} wrap="nowrap">
      <IconUser size={16} stroke={1.7} aria-hidden="true" />
      <Text size="sm">
        <b>{name}</b>, {role}
      </Text>
    </Group>
  );
}

export function WhoAmI() {
  const { kind } = useSession();
  if (kind === 'open') {
    return (
      <Tooltip label="No API_KEYS are configured: everybody who can reach this may do everything">
        <Text size="sm" c="dimmed" tabIndex={0}>
          No login
        </Text>
      </Tooltip>
    );
  }
  // With the application's own login, it is logged out of there.
  return (
    <Group gap="xs" wrap="nowrap">
      <Box visibleFrom="xs">
        <MyName />
      </Box>
      {kind === 'application' ? null : <LogOut />}
    </Group>
  );
}

function LogOut() {
  const logout = useLogout();
  return (
    <Button
      variant="default"
      size="xs"
      leftSection={<IconLogout size={15} aria-hidden="true" />}
      loading={logout.isPending}
      onClick={() => logout.mutate()}
    >
      Log out
    </Button>
  );
}

function useLogout() {
  const client = useQueryClient();
  const [, navigate] = useLocation();
  return useMutation({
    mutationFn: () => call<void>('/api/session', { method: 'DELETE' }),
    onSuccess: () => {
      navigate(LOGIN_PATH);
      client.clear();
    },
  });
}

const SCHEMES = [
  { value: 'light', name: 'Light', icon: IconSun },
  { value: 'dark', name: 'Dark', icon: IconMoon },
  { value: 'auto', name: 'As the system', icon: IconDeviceDesktop },
] as const;

export function SchemeSwitch() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const Shown = useComputedColorScheme('light') === 'dark' ? IconMoon : IconSun;
  return (
    <Menu position="bottom-end" width={180}>
      <Menu.Target>
        <ActionIcon variant="default" size={30} aria-label="Light or dark">
          <Shown size={16} stroke={1.7} aria-hidden="true" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {SCHEMES.map(({ value, name, icon: Glyph }) => (
          <Menu.Item
            key={value}
            leftSection={<Glyph size={16} aria-hidden="true" />}
            fw={colorScheme === value ? 700 : 400}
            onClick={() => setColorScheme(value)}
          >
            {name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
