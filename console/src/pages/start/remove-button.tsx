import { Button } from '@mantine/core';
import { IconX } from '@tabler/icons-react';

export function RemoveButton({ label, onClick }: { readonly label: string; readonly onClick: () => void }) {
  return (
    <Button
      variant="subtle"
      color="gray"
      size="compact-xs"
      leftSection={<IconX size={12} aria-hidden="true" />}
      onClick={onClick}
      aria-label={`Remove ${label.toLowerCase()}`}
    >
      Remove
    </Button>
  );
}
