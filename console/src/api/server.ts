import { queryOptions } from '@tanstack/react-query';
import { api, result } from './client';

const EVERY_MS = 5000;

/** What the server is, and what its workers did last, as operators see it. */
export const server = queryOptions({
  queryKey: ['server'],
  queryFn: () => result(api.GET('/umbel/v1/server')),
  refetchInterval: EVERY_MS,
});
