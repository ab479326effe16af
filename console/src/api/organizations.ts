import { queryOptions } from '@tanstack/react-query';
import { answer, api, ifMatch, result, tagged } from './client';
import type { Flags, Organization, Profile } from './types';

/** Organizations of a page of the tree. */
const PAGE_SIZE = 500;
const FOUND_MAX = 50;
/** Ids that one request may name. */
const IDS_MAX = 128;

const at = (organization_id: string) => ({ path: { organization_id } });

/** A page of the organizations directly below one, or of the roots. */
export function childrenOf(parent: string | null, page_token?: string) {
  const query = { 'parent.id': parent ?? 'null', page_size: PAGE_SIZE, include_total: false, ...(page_token ? { page_token } : {}) };
  return answer(api.GET('/client/v4/organizations', { params: { query } }));
}

/** The organizations whose name has this text in it. */
export const found = (text: string) =>
  queryOptions({
    queryKey: ['organizations', 'found', text],
    queryFn: ({ signal }) => {
      const query = { 'name.contains': text, page_size: FOUND_MAX, include_total: false };
      return answer(api.GET('/client/v4/organizations', { params: { query }, signal }));
    },
    enabled: text !== '',
  });

/** The organizations with these ids that the caller can see. */
export async function organizations(ids: string[]): Promise<Organization[]> {
  const found: Organization[] = [];
  for (let start = 0; start < ids.length; start += IDS_MAX) {
    const query = { id: ids.slice(start, start + IDS_MAX), page_size: IDS_MAX, include_total: false };
    found.push(...(await result(api.GET('/client/v4/organizations', { params: { query } }))));
  }
  return found;
}

/** The names of organizations by their ids; of those that the caller cannot see there is none. */
export const names = (ids: string[]) =>
  queryOptions({
    queryKey: ['organizations', 'names', [...new Set(ids)].sort()],
    queryFn: async () => new Map((await organizations([...new Set(ids)])).map((one) => [one.id, one.name])),
    enabled: ids.length > 0,
  });

/** An organization with the tag that a change of it names. */
export const organization = (id: string) =>
  queryOptions({
    queryKey: ['organization', id],
    queryFn: () => tagged<Organization>(api.GET('/client/v4/organizations/{organization_id}', { params: at(id) })),
  });

export function createOrganization(name: string, parent: string | null): Promise<Organization> {
  const body = parent === null ? { name } : { name, parent: { id: parent } };
  return result(api.POST('/client/v4/organizations', { body }));
}

export function renameOrganization(id: string, name: string, tag: string | undefined): Promise<Organization> {
  return result(api.PUT('/client/v4/organizations/{organization_id}', { params: { ...at(id), header: ifMatch(tag) }, body: { name } }));
}

export function deleteOrganization(id: string): Promise<unknown> {
  return answer(api.DELETE('/client/v4/organizations/{organization_id}', { params: at(id) }));
}

export function moveOrganization(id: string, parent_id: string | null, how: 'try' | 'do') {
  const params = { ...at(id), ...(how === 'try' ? { query: { dry_run: true } } : {}) };
  return result(api.POST('/umbel/v1/organizations/{organization_id}/move', { params, body: { parent_id } }));
}

export function setProfile(id: string, profile: Profile): Promise<unknown> {
  return answer(api.PUT('/client/v4/organizations/{organization_id}/profile', { params: at(id), body: profile }));
}

export function setFlags(id: string, flags: Partial<Flags>): Promise<unknown> {
  return answer(api.PUT('/umbel/v1/organizations/{organization_id}/flags', { params: at(id), body: flags }));
}
