import { send } from '../api/client';
import { ApiError } from '../api/error';
import { type Decimal, decimal } from './money';
import { costsOfRecords } from './records';
import type { Group } from './search';

/** A row of `GET /umbel/v1/organizations/{id}/costs`: what one day cost in one group. */
interface CostRow {
  day: string;
  account_id?: string;
  account_name?: string;
  organization_id?: string;
  organization_name?: string;
  metric_id?: string;
  metric_name?: string;
  service?: string;
  currency: string;
  billed_cost: string;
}

/** What one day cost in one group. */
export interface Cost {
  day: string;
  group: string;
  name: string;
  currency: string;
  billed: Decimal;
}

export interface Span {
  from: string;
  to: string;
}

/** What the organization and everything below it cost, by day and by group; of a server that does not sum, the sums of its records. */
export async function costs(organization: string, span: Span, group: Group): Promise<Cost[]> {
  try {
    return await summed(organization, span, group);
  } catch (thrown) {
    if (!(thrown instanceof ApiError && thrown.status === 404) || group === 'organization') throw thrown;
    return costsOfRecords(recordsAddress(organization, span), group);
  }
}

async function summed(organization: string, span: Span, group: Group): Promise<Cost[]> {
  const query = new URLSearchParams({ ...span, group_by: 'day' });
  if (group !== 'day') query.append('group_by', group);
  const rows = await send<CostRow[]>('GET', `/umbel/v1/organizations/${encodeURIComponent(organization)}/costs?${query}`);
  return rows.map((row) => ({ ...named(row, group), day: row.day, currency: row.currency, billed: decimal(row.billed_cost) }));
}

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

/** Where the same can be downloaded as a FOCUS dataset. */
export function focusAddress(organization: string, span: Span, format: 'csv' | 'parquet'): string {
  return `/umbel/v1/organizations/${encodeURIComponent(organization)}/focus?${new URLSearchParams({ ...span, format })}`;
}
