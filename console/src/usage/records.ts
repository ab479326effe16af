import { ApiError } from '../api/error';
import { refused } from '../api/client';
import type { Cost } from './api';
import { type Decimal, decimal, ZERO } from './money';
import type { Group } from './search';

/** A record of `GET /client/v4/organizations/{id}/billable/usage`, its numbers as they were written. */
interface UsageRecord {
  BillingAccountId: string;
  BillingAccountName: string;
  ChargePeriodStart: string;
  x_BillableMetricId: string;
  x_BillableMetricName: string;
  x_ProductFamilyName?: string;
  /** Absent where the metric has no price. */
  BilledCost?: string;
  BillingCurrency?: string;
}

/** What a browser sums: more belongs into a download. */
const TEXT_MAX = 64 * 1024 * 1024;

/** Sums the records of the organization by day and by group, which the records know by other names. */
export async function costsOfRecords(address: string, group: Exclude<Group, 'organization'>): Promise<Cost[]> {
  const response = await fetch(address, { credentials: 'same-origin', headers: { accept: 'application/json' } });
  const text = await response.text();
  if (!response.ok) throw refused(response, text);
  if (text.length > TEXT_MAX) {
    throw new ApiError(0, [{ code: 0, message: 'there are more records than a browser can sum; choose an organization further down, or download them' }]);
  }
  const sums = new Map<string, Cost>();
  for (const record of exact(text)) {
    if (record.BilledCost === undefined || record.BillingCurrency === undefined) continue;
    const { id, name } = named(record, group);
    const day = record.ChargePeriodStart.slice(0, 10);
    const key = JSON.stringify([day, id, record.BillingCurrency]);
    const before: Decimal = sums.get(key)?.billed ?? ZERO;
    sums.set(key, { day, group: id, name, currency: record.BillingCurrency, billed: before.plus(decimal(record.BilledCost)) });
  }
  return [...sums.values()];
}

/** Parses the answer with every number as the text that it was: a double would lose digits. */
function exact(text: string): UsageRecord[] {
  const keep = (_: string, value: unknown, context?: { source?: string }): unknown => {
    if (typeof value !== 'number') return value;
    if (context?.source === undefined) {
      throw new ApiError(0, [{ code: 0, message: 'this browser cannot read numbers of any length; use a newer one, or download the records' }]);
    }
    return context.source;
  };
  return (JSON.parse(text, keep) as { result: UsageRecord[] }).result;
}

function named(record: UsageRecord, group: Exclude<Group, 'organization'>): { id: string; name: string } {
  switch (group) {
    case 'account':
      return { id: record.BillingAccountId, name: record.BillingAccountName || record.BillingAccountId };
    case 'metric':
      return { id: record.x_BillableMetricId, name: record.x_BillableMetricName || record.x_BillableMetricId };
    case 'service':
      return { id: record.x_ProductFamilyName ?? '', name: record.x_ProductFamilyName ?? 'None' };
    case 'day':
      return { id: 'cost', name: 'Cost' };
  }
}
