import { queryOptions } from '@tanstack/react-query';
import { answer, api, result } from './client';
import type { Access } from './types';

const PAGE_SIZE = 100;

/** What the caller may do in an organization. */
export const mine = (organization_id: string) =>
  queryOptions({
    queryKey: ['access', 'organization', organization_id, 'me'],
    queryFn: async () => {
      const params = { path: { organization_id }, query: { user: 'me' } };
      const list: Access[] = await result(api.GET('/umbel/v1/organizations/{organization_id}/access', { params }));
      return rights(list[0]);
    },
  });

/** What the caller may do with an account. */
export const mineOfAccount = (account_id: string) =>
  queryOptions({
    queryKey: ['access', 'account', account_id, 'me'],
    queryFn: async () => {
      const params = { path: { account_id }, query: { user: 'me' } };
      const list: Access[] = await result(api.GET('/umbel/v1/accounts/{account_id}/access', { params }));
      return rights(list[0]);
    },
  });

/** What somebody may do at a place. */
export interface Rights {
  operator: boolean;
  may: (action: string) => boolean;
}

/** Nothing may be done until it is known what may be. */
export const NO_RIGHTS: Rights = { operator: false, may: () => false };

function rights(access: Access | undefined): Rights {
  const actions = new Set(access?.actions);
  return { operator: access?.operator ?? false, may: (action) => actions.has(action) };
}

/** Everybody who has a role that reaches the organization, and why. */
export function accessTo(organization_id: string, page_token: string | undefined) {
  const query = { page_size: PAGE_SIZE, ...(page_token ? { page_token } : {}) };
  return answer(api.GET('/umbel/v1/organizations/{organization_id}/access', { params: { path: { organization_id }, query } }));
}

/** Everybody who has a role that reaches the account, and why. */
export function accessToAccount(account_id: string, page_token: string | undefined) {
  const query = { page_size: PAGE_SIZE, ...(page_token ? { page_token } : {}) };
  return answer(api.GET('/umbel/v1/accounts/{account_id}/access', { params: { path: { account_id }, query } }));
}
