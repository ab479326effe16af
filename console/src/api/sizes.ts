import { queryOptions } from '@tanstack/react-query';
import { answer, api, result } from './client';

/** How much there is of something; absent where there is more than the server counts. */
type Size = number | undefined;

/** How much the server holds, as operators see it. */
export interface Sizes {
  organizations: Size;
  accounts: Size;
  users: Size;
  metrics: Size;
  /** Entries of the server's own log in its newest signed checkpoint. */
  entries: Size;
}

export const sizes = queryOptions({
  queryKey: ['sizes'],
  queryFn: async (): Promise<Sizes> => {
    const one = { params: { query: { page_size: 1 } } };
    const [organizations, accounts, users, metrics, checkpoint] = await Promise.all([
      answer(api.GET('/client/v4/organizations', one)),
      answer(api.GET('/client/v4/accounts', { params: { query: { per_page: 1 } } })),
      answer(api.GET('/umbel/v1/users', one)),
      answer(api.GET('/umbel/v1/metrics')),
      result(api.GET('/umbel/v1/logs/audit/checkpoint')),
    ]);
    return {
      organizations: organizations.result_info?.total_size,
      accounts: accounts.result_info?.total_count,
      users: users.result_info?.total_size,
      metrics: metrics.result_info?.total_size,
      entries: checkpoint.size,
    };
  },
});
