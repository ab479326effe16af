import { type QueryKey, useInfiniteQuery } from '@tanstack/react-query';
import { useCallback } from 'react';

interface Page<Item> {
  result: Item[];
  result_info?: { next_page_token?: string; total_size?: number };
}

/** A list that is got page by page. */
export interface Pages<Item> {
  items: Item[] | undefined;
  /** How many there are in all, as far as the server counts. */
  total: number | undefined;
  error: unknown;
  more: (() => void) | undefined;
}

/** Gets a list page by page, the next one when it is asked for. */
export function usePages<Item>(key: QueryKey, get: (token: string | undefined) => Promise<Page<Item>>): Pages<Item> {
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) => get(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.result_info?.next_page_token || undefined,
  });
  const { fetchNextPage, hasNextPage, isFetching } = query;
  const more = useCallback(() => {
    if (!isFetching) void fetchNextPage();
  }, [fetchNextPage, isFetching]);
  return {
    items: query.data?.pages.flatMap((page) => page.result),
    total: query.data?.pages[0]?.result_info?.total_size,
    error: query.error,
    more: hasNextPage ? more : undefined,
  };
}
