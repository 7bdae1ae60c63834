import { Kbd, Text } from '@mantine/core';

export function KeyHints() {
  return (
    <Text size="xs" c="dimmed" mt="xs" visibleFrom="md">
      <Kbd size="xs">j</Kbd> <Kbd size="xs">k</Kbd> or <Kbd size="xs">↓</Kbd> <Kbd size="xs">↑</Kbd> move,{' '}
      <Kbd size="xs">Enter</Kbd> opens, <Kbd size="xs">Esc</Kbd> leads back to the list
    </Text>
  );
}
