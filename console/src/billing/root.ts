import type { Organization } from '../api/types';

/** The root of the tree that an organization stands in: itself, where nothing is above it. */
export function rootOf({ id, meta }: Organization): string {
  return meta.hierarchy_tags[0] ?? id;
}
