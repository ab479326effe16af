/** What the costs are split by. */
export const GROUPS = ['account', 'organization', 'metric', 'service', 'day'] as const;
export type Group = (typeof GROUPS)[number];

/** What a page of usage shows, as its address says it. */
export interface UsageSearch {
  organization?: string;
  from?: string;
  to?: string;
  group_by?: Group;
}

/** Reads the query of the address; what it does not know it leaves out. */
export function validateUsageSearch(search: Record<string, unknown>): UsageSearch {
  const found: UsageSearch = {};
  for (const name of ['organization', 'from', 'to'] as const) {
    const value = search[name];
    if (typeof value === 'string' && value !== '') found[name] = value;
  }
  const group = GROUPS.find((one) => one === search['group_by']);
  if (group) found.group_by = group;
  return found;
}
