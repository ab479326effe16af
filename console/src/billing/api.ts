import { queryOptions } from '@tanstack/react-query';
import { answer, api, ifMatch, result, tagged } from '../api/client';
import type { BillingPeriod, Invoice } from '../api/types';
import { monthOf, recentMonths } from '../usage/month';

/** More months than anybody has. */
const MONTHS_MAX = 1000;
const INVOICES_OF_PAGE = 200;
/** How soon it shows that the invoices of a month were made. */
const CLOSING_MS = 2000;

const at = (organization_id: string, billing_period: string) => ({ path: { organization_id, billing_period } });

/** The months of a root that are closed, or that something came late for. */
export const periods = (organization_id: string) =>
  queryOptions({
    queryKey: ['billing-periods', organization_id],
    queryFn: () => result(api.GET('/umbel/v1/organizations/{organization_id}/billing-periods', { params: { path: { organization_id }, query: { page_size: MONTHS_MAX } } })),
    refetchInterval: ({ state }) => (state.data?.some((period) => period.state === 'closing') ? CLOSING_MS : false),
  });

/** A month that nothing is known of yet. */
export const open = (billing_period: string): BillingPeriod => ({ billing_period, state: 'open' });

/** What is known of months, and the recent ones that nothing is known of: the latest first. */
export function withRecent(known: BillingPeriod[], now: Date): BillingPeriod[] {
  const byMonth = new Map([...recentMonths(now).map(open), ...known].map((period) => [period.billing_period, period]));
  return [...byMonth.values()].sort((one, other) => other.billing_period.localeCompare(one.billing_period));
}

/** Whether the month of a billing period has ended. */
export function hasEnded({ billing_period }: BillingPeriod, now: Date): boolean {
  return billing_period < monthOf(now);
}

/** A month with the tag that closing it names. */
export const period = (organization_id: string, month: string) =>
  queryOptions({
    queryKey: ['billing-periods', organization_id, month],
    queryFn: () => tagged<BillingPeriod>(api.GET('/umbel/v1/organizations/{organization_id}/billing-periods/{billing_period}', { params: at(organization_id, month) })),
  });

export function closePeriod(organization_id: string, month: string, tag: string | undefined): Promise<BillingPeriod> {
  const params = { ...at(organization_id, month), header: ifMatch(tag) };
  return result(api.POST('/umbel/v1/organizations/{organization_id}/billing-periods/{billing_period}/close', { params }));
}

/** A closed month, made again from what was kept of it each time that it is asked for. */
export const replay = (organization_id: string, month: string) =>
  queryOptions({
    queryKey: ['billing-periods', organization_id, month, 'replay'],
    queryFn: () => result(api.GET('/umbel/v1/organizations/{organization_id}/billing-periods/{billing_period}/replay', { params: at(organization_id, month) })),
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: false,
    retry: false,
  });

/** What the accounts of an organization and of everything below it owe for a month. */
export function invoicesOf(organization_id: string, month: string, page_token: string | undefined) {
  const query = { page_size: INVOICES_OF_PAGE, ...(page_token ? { page_token } : {}) };
  return answer(api.GET('/umbel/v1/organizations/{organization_id}/billing-periods/{billing_period}/invoices', { params: { ...at(organization_id, month), query } }));
}

/** An invoice with its lines. */
export const invoice = (organization_id: string, invoice_id: string) =>
  queryOptions({
    queryKey: ['invoice', organization_id, invoice_id],
    queryFn: (): Promise<Invoice> => result(api.GET('/umbel/v1/organizations/{organization_id}/invoices/{invoice_id}', { params: { path: { organization_id, invoice_id } } })),
  });
