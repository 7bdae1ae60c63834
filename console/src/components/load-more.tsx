import { Button, Center } from '@mantine/core';

interface PagedList {
  readonly hasNextPage: boolean;
  readonly isFetchingNextPage: boolean;
  readonly isFetchNextPageError: boolean;
  readonly fetchNextPage: () => Promise<unknown>;
}

export function LoadMore({ list }: { readonly list: PagedList }) {
  if (!list.hasNextPage) return null;
  return (
    <Center p="sm">
      <Button variant="default" size="sm" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
        {list.isFetchNextPageError ? 'That failed. Load more' : 'Load more'}
      </Button>
    </Center>
  );
}
