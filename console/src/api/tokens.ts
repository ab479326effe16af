import { queryOptions } from '@tanstack/react-query';
import { answer, api, result } from './client';
import type { components } from './schema';

export const tokens = queryOptions({ queryKey: ['tokens'], queryFn: () => result(api.GET('/umbel/v1/tokens')) });

export function createToken(body: components['schemas']['CreateApiToken']) {
  return result(api.POST('/umbel/v1/tokens', { body }));
}

export function rollToken(token_id: string) {
  return result(api.POST('/umbel/v1/tokens/{token_id}/roll', { params: { path: { token_id } } }));
}

export function revokeToken(token_id: string) {
  return answer(api.DELETE('/umbel/v1/tokens/{token_id}', { params: { path: { token_id } } }));
}
