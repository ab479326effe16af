import { queryOptions } from '@tanstack/react-query';
import { answer, api, result } from './client';
import { ApiError } from './error';

const PAGE_SIZE = 200;

/** The caller's own user. */
export const me = queryOptions({ queryKey: ['user'], queryFn: () => result(api.GET('/client/v4/user')) });

/** Whether the caller is an operator: who may list users is one. */
export const isOperator = queryOptions({
  queryKey: ['user', 'operator'],
  queryFn: async () => {
    try {
      await answer(api.GET('/umbel/v1/users', { params: { query: { page_size: 1 } } }));
      return true;
    } catch (thrown) {
      if (thrown instanceof ApiError && thrown.status === 403) return false;
      throw thrown;
    }
  },
  staleTime: Infinity,
});

/** A page of the users of the server, or the one with this address. */
export function users(email: string, page_token: string | undefined) {
  const query = { page_size: PAGE_SIZE, ...(email ? { email } : {}), ...(page_token ? { page_token } : {}) };
  return answer(api.GET('/umbel/v1/users', { params: { query } }));
}

export function createUser(email: string, name: string) {
  return result(api.POST('/umbel/v1/users', { body: name ? { email, name } : { email } }));
}

export function disableUser(user_id: string, disabled: boolean) {
  return result(api.PATCH('/umbel/v1/users/{user_id}', { params: { path: { user_id } }, body: { disabled } }));
}

export function deleteUser(user_id: string) {
  return answer(api.DELETE('/umbel/v1/users/{user_id}', { params: { path: { user_id } } }));
}

/** Makes a link by which a user signs in once; those made before do not count any more. */
export function createSignInLink(user_id: string) {
  return result(api.POST('/umbel/v1/users/{user_id}/sign-in-link', { params: { path: { user_id } } }));
}

/** Lets a user sign in without their authenticator. Their sessions end. */
export function removeSecondFactorOf(user_id: string) {
  return result(api.DELETE('/umbel/v1/users/{user_id}/totp', { params: { path: { user_id } } }));
}
