import { Button, Center, Paper, PasswordInput, Stack, Text, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useLocation, useSearchParams } from 'wouter';
import { ApiError, call } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import type { Session } from '../../api/types.ts';
import { Brand } from '../../shell/brand.tsx';
import { BOARD_URL, CONSOLE_URL, safeNext } from '../../shell/paths.ts';

export function LoginPage() {
  const [key, setKey] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const login = useLogin();
  useEffect(() => {
    document.title = 'Log in · Backstep';
    field.current?.focus();
  }, []);
  return (
    <Center mih="100vh" p="md" component="main">
      <Paper withBorder p="xl" w="100%" maw={400} bg="var(--surface)">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            login.mutate(key.trim());
          }}
        >
          <Stack gap="lg">
            <Brand />
            <div>
              <Title order={1}>Log in</Title>
              <Text size="sm" c="dimmed" mt={4}>
                With one of the keys of <code>API_KEYS</code>. The browser keeps a session, not the key.
              </Text>
            </div>
            <PasswordInput
              label="API key"
              required
              withAsterisk={false}
              ref={field}
              autoComplete="current-password"
              value={key}
              error={login.error ? messageOf(login.error) : null}
              onChange={({ currentTarget }) => setKey(currentTarget.value)}
            />
            <Button type="submit" fullWidth loading={login.isPending}>
              Log in
            </Button>
          </Stack>
        </form>
      </Paper>
    </Center>
  );
}

function useLogin() {
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const [search] = useSearchParams();
  return useMutation({
    mutationFn: (key: string) => call<Session>('/api/session', { method: 'POST', body: { key } }),
    onSuccess: (session) => {
      client.clear();
      client.setQueryData(keys.session, session);
      const next = safeNext(search.get('next'), location.origin);
      if (next.startsWith(BOARD_URL)) location.assign(next);
      else navigate(next.slice(CONSOLE_URL.length) || '/', { replace: true });
    },
  });
}

function messageOf(error: Error): string {
  if (!(error instanceof ApiError)) return 'The API is out of reach. Your key was not checked.';
  if (error.status === 429) return `Too many tries. Wait ${error.retryAfterSeconds ?? 60} s, then try again.`;
  return error.code === 'INVALID_KEY' ? 'This key is not known here.' : error.message;
}
