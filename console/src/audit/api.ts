import { answer, api, result } from '../api/client';
import type { AuditEntry } from '../api/types';
import { type AuditSearch, demands } from './search';
import { parameter } from './filters';

const PAGE_SIZE = 100;

/** Which log is read: that of an organization, with those below it unless it is said, or that of the server. */
export type Log = { organization: string; below: boolean } | 'server';

/** A page of entries. */
export interface AuditPage {
  result: AuditEntry[];
  result_info?: { cursor?: string };
}

export interface Span {
  since: string;
  before: string;
}

function filters(search: AuditSearch): Record<string, string[]> {
  return Object.fromEntries(demands(search).map((demand) => [parameter(demand), demand.values]));
}

/** A page of a log. */
export function entries(log: Log, search: AuditSearch, span: Span, how: { direction: 'asc' | 'desc'; cursor?: string | undefined; limit?: number }): Promise<AuditPage> {
  const query = {
    ...span,
    ...filters(search),
    direction: how.direction,
    limit: how.limit ?? PAGE_SIZE,
    ...(how.cursor ? { cursor: how.cursor } : {}),
  };
  if (log === 'server') return answer(api.GET('/umbel/v1/logs/audit', { params: { query } }));
  const params = { path: { organization_id: log.organization }, query: { ...query, include_descendants: log.below } };
  return answer(api.GET('/client/v4/organizations/{organization_id}/logs/audit', { params }));
}

/** Where the whole of what is shown can be downloaded. */
export function exportAddress(log: Log, search: AuditSearch, span: Span, format: 'csv' | 'ndjson'): string {
  const query = new URLSearchParams({ ...span, format });
  for (const [name, values] of Object.entries(filters(search))) for (const value of values) query.append(name, value);
  if (log === 'server') return `/umbel/v1/logs/audit/export?${query}`;
  query.set('include_descendants', String(log.below));
  return `/umbel/v1/organizations/${encodeURIComponent(log.organization)}/logs/audit/export?${query}`;
}

const entryOf = (organization_id: string, entry: AuditEntry) => ({ path: { organization_id, id: entry.id }, query: { action_time: entry.action.time } });

/** What a change made different. */
export function difference(organization: string, entry: AuditEntry) {
  return result(api.GET('/umbel/v1/organizations/{organization_id}/logs/audit/{id}/diff', { params: entryOf(organization, entry) }));
}

/** What proves that an entry is in the log. */
export function inclusion(organization: string, entry: AuditEntry) {
  return result(api.GET('/umbel/v1/organizations/{organization_id}/logs/audit/{id}/proof', { params: entryOf(organization, entry) }));
}

/** What the log is now, signed. */
export function checkpoint(organization_id: string) {
  return result(api.GET('/umbel/v1/organizations/{organization_id}/logs/audit/checkpoint', { params: { path: { organization_id } } }));
}
