import { queryOptions } from '@tanstack/react-query';
import { answer, api, ifMatch, result, tagged } from './client';
import type { components } from './schema';
import type { Account } from './types';

const PAGE_SIZE = 200;
/** Most characters of the name of an account. */
export const ACCOUNT_NAME_MAX = 100;
const at = (account_id: string) => ({ path: { account_id } });

/** A page of the accounts that an organization holds itself, by their names. */
export function accountsOf(organization_id: string, text: string, page_token: string | undefined) {
  const query = {
    order_by: 'account_name' as const,
    page_size: PAGE_SIZE,
    ...(text ? { 'name.contains': text } : {}),
    ...(page_token ? { page_token } : {}),
  };
  return answer(api.GET('/client/v4/organizations/{organization_id}/accounts', { params: { path: { organization_id }, query } }));
}

/** An account with the tag that a change of it names. */
export const account = (id: string) =>
  queryOptions({
    queryKey: ['account', id],
    queryFn: () => tagged<Account>(api.GET('/client/v4/accounts/{account_id}', { params: at(id) })),
  });

/** The organizations above an account, from the root down. */
export const organizationsAbove = (id: string) =>
  queryOptions({
    queryKey: ['account', id, 'organizations'],
    queryFn: () => result(api.GET('/client/v4/accounts/{account_id}/organizations', { params: at(id) })),
  });

export function createAccount(name: string, organization: string): Promise<Account> {
  return result(api.POST('/client/v4/accounts', { body: { name, unit: { id: organization } } }));
}

export type AccountSettings = components['schemas']['UpdateAccountSettings'];

export function updateAccount(account: Account, change: { name?: string; settings?: AccountSettings }, tag: string | undefined): Promise<Account> {
  const params = { ...at(account.id), header: ifMatch(tag) };
  return result(api.PUT('/client/v4/accounts/{account_id}', { params, body: { name: account.name, ...change } }));
}

export function deleteAccount(id: string): Promise<unknown> {
  return answer(api.DELETE('/client/v4/accounts/{account_id}', { params: at(id) }));
}

export function moveAccount(id: string, destination_organization_id: string, how: 'try' | 'do') {
  const params = { ...at(id), ...(how === 'try' ? { query: { dry_run: true } } : {}) };
  return result(api.POST('/client/v4/accounts/{account_id}/move', { params, body: { destination_organization_id } }));
}

export const accountMembers = (id: string) =>
  queryOptions({
    queryKey: ['account', id, 'members'],
    queryFn: () => result(api.GET('/client/v4/accounts/{account_id}/members', { params: { ...at(id), query: { per_page: PAGE_SIZE } } })),
  });

export const accountRoles = (id: string) =>
  queryOptions({
    queryKey: ['account', id, 'roles'],
    queryFn: () => result(api.GET('/client/v4/accounts/{account_id}/roles', { params: { ...at(id), query: { per_page: PAGE_SIZE } } })),
  });

export function addAccountMember(id: string, email: string, role: string) {
  return result(api.POST('/client/v4/accounts/{account_id}/members', { params: at(id), body: { email, roles: [role] } }));
}

export function removeAccountMember(account_id: string, member_id: string) {
  return answer(api.DELETE('/client/v4/accounts/{account_id}/members/{member_id}', { params: { path: { account_id, member_id } } }));
}
