import { queryOptions } from '@tanstack/react-query';
import { answer, api, result } from './client';
import type { Member } from './types';

const PAGE_SIZE = 200;
const at = (organization_id: string) => ({ path: { organization_id } });
const member = (organization_id: string, member_id: string) => ({ path: { organization_id, member_id } });

/** A page of the members of an organization whose address has this text in it. */
export function members(organization_id: string, text: string, page_token: string | undefined) {
  const query = {
    page_size: PAGE_SIZE,
    include_total: page_token === undefined,
    ...(text ? { 'user.email.contains': text } : {}),
    ...(page_token ? { page_token } : {}),
  };
  return answer(api.GET('/umbel/v1/organizations/{organization_id}/members', { params: { ...at(organization_id), query } }));
}

export function addMember(organization_id: string, email: string, role: string): Promise<Member> {
  return result(api.POST('/umbel/v1/organizations/{organization_id}/members', { params: at(organization_id), body: { email, role } }));
}

export function setRole(organization_id: string, member_id: string, role: string, how: 'try' | 'do'): Promise<Member> {
  const params = { ...member(organization_id, member_id), ...(how === 'try' ? { query: { dry_run: true } } : {}) };
  return result(api.PATCH('/umbel/v1/organizations/{organization_id}/members/{member_id}', { params, body: { role } }));
}

export function removeMember(organization_id: string, member_id: string): Promise<unknown> {
  return answer(api.DELETE('/umbel/v1/organizations/{organization_id}/members/{member_id}', { params: member(organization_id, member_id) }));
}

export function leave(organization_id: string): Promise<unknown> {
  return answer(api.POST('/umbel/v1/organizations/{organization_id}/leave', { params: at(organization_id) }));
}

/** A page of the open invitations to an organization. */
export function invitations(organization_id: string, page_token: string | undefined) {
  const query = { page_size: PAGE_SIZE, ...(page_token ? { page_token } : {}) };
  return answer(api.GET('/umbel/v1/organizations/{organization_id}/invitations', { params: { ...at(organization_id), query } }));
}

export function resend(organization_id: string, invitation_id: string) {
  const params = { path: { organization_id, invitation_id } };
  return result(api.POST('/umbel/v1/organizations/{organization_id}/invitations/{invitation_id}/resend', { params }));
}

export function revoke(organization_id: string, invitation_id: string): Promise<unknown> {
  const params = { path: { organization_id, invitation_id } };
  return answer(api.DELETE('/umbel/v1/organizations/{organization_id}/invitations/{invitation_id}', { params }));
}

export function answerInvitation(token: string, how: 'accept' | 'reject') {
  return result(
    how === 'accept'
      ? api.POST('/umbel/v1/invitations/accept', { body: { token } })
      : api.POST('/umbel/v1/invitations/reject', { body: { token } }),
  );
}

/** The roles that can be held in an organization. */
export const roles = (organization_id: string) =>
  queryOptions({
    queryKey: ['roles', organization_id],
    queryFn: () => result(api.GET('/umbel/v1/organizations/{organization_id}/roles', { params: at(organization_id) })),
  });

export interface RoleDraft {
  name: string;
  description: string;
  actions: string[];
}

export function createRole(organization_id: string, body: RoleDraft) {
  return result(api.POST('/umbel/v1/organizations/{organization_id}/roles', { params: at(organization_id), body }));
}

export function changeRole(organization_id: string, role_id: string, body: RoleDraft) {
  return result(api.PATCH('/umbel/v1/organizations/{organization_id}/roles/{role_id}', { params: { path: { organization_id, role_id } }, body }));
}

export function deleteRole(organization_id: string, role_id: string) {
  return answer(api.DELETE('/umbel/v1/organizations/{organization_id}/roles/{role_id}', { params: { path: { organization_id, role_id } } }));
}
