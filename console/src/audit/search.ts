import { type Demand, FILTERS, parameter } from './filters';

/** How far back the log is shown when no times are given. */
export const PERIODS = { '1d': 'Last 24 hours', '7d': 'Last 7 days', '30d': 'Last 30 days', '90d': 'Last 90 days', '730d': 'Last 2 years' } as const;
export type Period = keyof typeof PERIODS;
export const DEFAULT_PERIOD: Period = '30d';

/** What a page of the audit log shows, as its address says it: the filters are those of the API. */
export interface AuditSearch {
  organization?: string;
  log?: 'server';
  period?: Period;
  since?: string;
  before?: string;
  /** `no` when the logs of organizations below are left out. */
  below?: 'no';
  [filter: string]: string | string[] | undefined;
}

/** Reads the query of the address; what it does not know it leaves out. */
export function validateAuditSearch(search: Record<string, unknown>): AuditSearch {
  const found: AuditSearch = {};
  for (const name of ['organization', 'since', 'before'] as const) {
    const value = search[name];
    if (typeof value === 'string' && value !== '') found[name] = value;
  }
  if (search['log'] === 'server') found.log = 'server';
  if (search['below'] === 'no') found.below = 'no';
  const period = search['period'];
  if (typeof period === 'string' && period in PERIODS) found.period = period as Period;
  for (const filter of FILTERS) {
    for (const name of [filter.name, `${filter.name}.not`]) {
      const values = [search[name]].flat().filter((value): value is string => typeof value === 'string' && value !== '');
      if (values.length > 0) found[name] = values;
    }
  }
  return found;
}

/** What the filters of an address demand. */
export function demands(search: AuditSearch): Demand[] {
  return FILTERS.flatMap((filter) =>
    (['is', 'is not'] as const).flatMap((sense) => {
      const values = [search[parameter({ filter, sense })]].flat().filter((value) => value !== undefined);
      return values.length > 0 ? [{ filter, sense, values }] : [];
    }),
  );
}

/** The same address with one value of one filter more. */
export function withValue(search: AuditSearch, demand: Pick<Demand, 'filter' | 'sense'>, value: string): AuditSearch {
  const name = parameter(demand);
  const before = [search[name]].flat().filter((one) => one !== undefined);
  return { ...search, [name]: [...new Set([...before, value])] };
}

/** The same address with one value of one filter less. */
export function withoutValue(search: AuditSearch, demand: Pick<Demand, 'filter' | 'sense'>, value: string): AuditSearch {
  const name = parameter(demand);
  const { [name]: before, ...rest } = search;
  const left = [before].flat().filter((one) => one !== undefined && one !== value) as string[];
  return left.length > 0 ? { ...rest, [name]: left } : rest;
}

const DAY_MS = 86_400_000;
/** Ahead of the clock of the browser, which may be behind that of the server. */
const AHEAD_MS = 60_000;

/** The span of time that an address is about, at a moment. */
export function span(search: AuditSearch, now: number): { since: string; before: string } {
  const days = Number.parseInt(search.period ?? DEFAULT_PERIOD, 10);
  return {
    since: search.since ?? new Date(now - days * DAY_MS).toISOString(),
    before: search.before ?? new Date(now + AHEAD_MS).toISOString(),
  };
}
