import { queryOptions } from '@tanstack/react-query';
import { ApiError } from './error';
import { send } from './client';

/** The code of a password that was right and is not enough. */
export const SECOND_FACTOR_NEEDED = 1011;

/** Who is signed in, and until when. */
export interface Session {
  user: { id: string; email: string; name: string | null };
  expires_at: string;
}

/** A place where somebody is signed in. */
export interface SessionEntry {
  id: string;
  create_time: string;
  last_used_on?: string | null;
  expires_at?: string;
  ip_address?: string | null;
  user_agent?: string | null;
  current?: boolean;
}

/** Somebody else who can say who a user is. */
export interface Provider {
  id: string;
  name: string;
}

export interface Credentials {
  email: string;
  password: string;
  totp?: string;
}

/** The session, or nothing when nobody is signed in. */
export const session = queryOptions({
  queryKey: ['session'],
  queryFn: async (): Promise<Session | null> => {
    try {
      return await send<Session>('GET', '/umbel/v1/session');
    } catch (thrown) {
      if (thrown instanceof ApiError && thrown.status === 401) return null;
      throw thrown;
    }
  },
  staleTime: Infinity,
});

export const providers = queryOptions({
  queryKey: ['session', 'providers'],
  queryFn: () => send<Provider[]>('GET', '/umbel/v1/session/providers'),
  staleTime: Infinity,
});

export const sessions = queryOptions({
  queryKey: ['sessions'],
  queryFn: () => send<SessionEntry[]>('GET', '/umbel/v1/sessions'),
});

export function signIn(credentials: Credentials): Promise<Session> {
  return send('POST', '/umbel/v1/session', credentials);
}

export function signInByLink(code: string): Promise<Session> {
  return send('POST', '/umbel/v1/session/link', { code });
}

export function signOut(): Promise<unknown> {
  return send('DELETE', '/umbel/v1/session');
}

export function endSession(id: string): Promise<unknown> {
  return send('DELETE', `/umbel/v1/sessions/${encodeURIComponent(id)}`);
}
