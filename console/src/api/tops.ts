import type { OrganizationPage } from '../tree/store';
import { api, result } from './client';
import { childrenOf, organizations } from './organizations';
import type { Organization } from './types';

/** The organizations that nothing which the caller sees is above: the roots, or where the caller is a member. */
export async function tops(operator: boolean, token: string | undefined): Promise<OrganizationPage> {
  if (operator) return childrenOf(null, token);
  const { organizations: memberships } = await result(api.GET('/client/v4/user'));
  const ids = memberships.filter(({ status }) => status === 'member').map(({ id }) => id);
  const held = new Set(ids);
  const isTop = ({ id, meta }: Organization) => !meta.hierarchy_tags.some((tag) => tag !== id && held.has(tag));
  return { result: (await organizations(ids)).filter(isTop) };
}
