import type { OrganizationPage } from '../tree/store';
import { answer, api, result } from './client';
import { childrenOf } from './organizations';
import type { Organization } from './types';

const IDS_MAX = 128;

/** The organizations that nothing which the caller sees is above: the roots, or where the caller is a member. */
export async function tops(operator: boolean, token: string | undefined): Promise<OrganizationPage> {
  if (operator) return childrenOf(null, token);
  const { organizations: memberships } = await result(api.GET('/client/v4/user'));
  const ids = memberships.filter(({ status }) => status === 'member').map(({ id }) => id);
  const found: Organization[] = [];
  for (let start = 0; start < ids.length; start += IDS_MAX) {
    const query = { id: ids.slice(start, start + IDS_MAX), page_size: IDS_MAX, include_total: false };
    found.push(...(await answer(api.GET('/client/v4/organizations', { params: { query } }))).result);
  }
  const held = new Set(ids);
  const isTop = ({ id, meta }: Organization) => !meta.hierarchy_tags.some((tag) => tag !== id && held.has(tag));
  return { result: found.filter(isTop) };
}
