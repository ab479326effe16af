import { queryOptions } from '@tanstack/react-query';
import { answer, api, result } from './client';

const PAGE_SIZE = 200;

/** The accounts that the caller is a member of, and those that they are invited to. */
export const memberships = queryOptions({
  queryKey: ['memberships'],
  queryFn: () => result(api.GET('/client/v4/memberships', { params: { query: { per_page: PAGE_SIZE } } })),
});

export function answerMembership(member_id: string, status: 'accepted' | 'rejected') {
  return result(api.PUT('/client/v4/memberships/{member_id}', { params: { path: { member_id } }, body: { status } }));
}

export function endMembership(member_id: string) {
  return answer(api.DELETE('/client/v4/memberships/{member_id}', { params: { path: { member_id } } }));
}
