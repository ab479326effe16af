import { queryOptions } from '@tanstack/react-query';
import { api, result } from '../api/client';
import type { paths } from '../api/schema';
import { type Decimal, decimal } from './money';
import type { Span } from './month';
import type { Group } from './search';

type Costs = paths['/umbel/v1/organizations/{organization_id}/costs']['get'];
type CostRow = Costs['responses']['200']['content']['application/json']['result'][number];

/** What one day cost in one group. */
export interface Cost {
  day: string;
  group: string;
  name: string;
  currency: string;
  billed: Decimal;
}

/** What the organization and everything below it cost, by day and by group. */
export const costs = (organization_id: string, span: Span, group: Group) =>
  queryOptions({
    queryKey: ['costs', organization_id, span, group],
    queryFn: async (): Promise<Cost[]> => {
      const query = { ...span, group_by: [...new Set<Group>(['day', group])] };
      const rows = await result(api.GET('/umbel/v1/organizations/{organization_id}/costs', { params: { path: { organization_id }, query } }));
      return rows.map((row) => ({ ...named(row, group), day: row.day ?? '', currency: row.currency, billed: decimal(row.billed_cost) }));
    },
  });

function named(row: CostRow, group: Group): { group: string; name: string } {
  const pairs: Record<Group, [string | undefined, string | undefined]> = {
    account: [row.account_id, row.account_name],
    organization: [row.organization_id, row.organization_name],
    metric: [row.metric_id, row.metric_name],
    service: [row.service, row.service],
    day: ['cost', 'Cost'],
  };
  const [id = '', name] = pairs[group];
  return { group: id, name: name || id || 'None' };
}

/** Where the records behind the costs can be downloaded. */
export function recordsAddress(organization: string, span: Span): string {
  return `/client/v4/organizations/${encodeURIComponent(organization)}/billable/usage?${new URLSearchParams({ ...span })}`;
}

/** Where what was used on some days, or is invoiced in a month, can be downloaded as a FOCUS dataset. */
export function focusAddress(organization: string, of: Span | { billing_period: string }, format: 'csv' | 'parquet'): string {
  return `/umbel/v1/organizations/${encodeURIComponent(organization)}/focus?${new URLSearchParams({ ...of, format })}`;
}
