import { queryOptions } from '@tanstack/react-query';
import { answer, api, result } from './client';
import { ApiError } from './error';
import type { Session } from './types';

/** Who is signed in, or nothing when nobody is. */
export const session = queryOptions({
  queryKey: ['session'],
  queryFn: async (): Promise<Session | null> => {
    try {
      return await result(api.GET('/umbel/v1/session'));
    } catch (thrown) {
      if (thrown instanceof ApiError && thrown.status === 401) return null;
      throw thrown;
    }
  },
  staleTime: Infinity,
});

export const sessions = queryOptions({
  queryKey: ['sessions'],
  queryFn: () => result(api.GET('/umbel/v1/sessions')),
});

export function signIn(email: string, password: string, totp: string | undefined): Promise<Session> {
  return result(api.POST('/umbel/v1/session', { body: { email, password, ...(totp ? { totp } : {}) } }));
}

export function signInByLink(code: string, totp: string | undefined): Promise<Session> {
  return result(api.POST('/umbel/v1/session/link', { body: { code, ...(totp ? { totp } : {}) } }));
}

/** By which ways people sign in beside passwords and links. */
export const signInOptions = queryOptions({
  queryKey: ['sign-in-options'],
  queryFn: () => result(api.GET('/umbel/v1/session/options')),
  staleTime: Infinity,
});

/** Leads to the provider, as the address of a link. */
export const PROVIDER = '/umbel/v1/session/oidc';

export function signInByProvider(totp: string | undefined): Promise<Session> {
  return result(api.POST('/umbel/v1/session/oidc', { body: totp ? { totp } : {} }));
}

export const identities = queryOptions({
  queryKey: ['identities'],
  queryFn: () => result(api.GET('/umbel/v1/user/identities')),
});

export function removeIdentity(identity_id: string) {
  return answer(api.DELETE('/umbel/v1/user/identities/{identity_id}', { params: { path: { identity_id } } }));
}

export function signOut() {
  return answer(api.DELETE('/umbel/v1/session'));
}

export function endSession(session_id: string) {
  return answer(api.DELETE('/umbel/v1/sessions/{session_id}', { params: { path: { session_id } } }));
}

/** Sets the reader's own password; the present one is needed unless they came by a link. */
export function setPassword(password: string, current_password: string | undefined) {
  return answer(api.PUT('/umbel/v1/user/password', { body: current_password === undefined ? { password } : { password, current_password } }));
}

/** Makes the secret of a second factor, which counts once a code of it was confirmed. */
export function beginSecondFactor() {
  return result(api.POST('/umbel/v1/user/totp'));
}

export function confirmSecondFactor(code: string) {
  return result(api.POST('/umbel/v1/user/totp/confirm', { body: { code } }));
}

export function removeSecondFactor(code: string) {
  return result(api.DELETE('/umbel/v1/user/totp', { body: { code } }));
}
