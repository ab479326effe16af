import { queryOptions, skipToken } from '@tanstack/react-query';
import { answer, api, ifMatch, result, tagged } from '../api/client';
import type { components } from '../api/schema';
import type { Budget } from '../api/types';

/** How soon it shows that the log tells of a threshold. */
const LOOK_AGAIN_MS = 5000;

/** What is asked for of a budget. */
export type Draft = components['schemas']['CreateBudget'];

/** The budgets of an organization. */
export const budgets = (organization_id: string) =>
  queryOptions({
    queryKey: ['budgets', organization_id],
    queryFn: () => result(api.GET('/umbel/v1/organizations/{organization_id}/budgets', { params: { path: { organization_id } } })),
    refetchInterval: LOOK_AGAIN_MS,
  });

const at = ({ organization_id, id }: Budget) => ({ path: { organization_id, budget_id: id } });

/** A budget with the tag that a change of it names; a new one has none. */
export const budget = (of: Budget | undefined) =>
  queryOptions({
    queryKey: ['budgets', of?.organization_id, of?.id],
    queryFn: of ? () => tagged<Budget>(api.GET('/umbel/v1/organizations/{organization_id}/budgets/{budget_id}', { params: at(of) })) : skipToken,
  });

export function createBudget(organization_id: string, draft: Draft): Promise<Budget> {
  return result(api.POST('/umbel/v1/organizations/{organization_id}/budgets', { params: { path: { organization_id } }, body: draft }));
}

export function changeBudget(of: Budget, draft: Draft, tag: string | undefined): Promise<Budget> {
  const params = { ...at(of), header: ifMatch(tag) };
  return result(api.PATCH('/umbel/v1/organizations/{organization_id}/budgets/{budget_id}', { params, body: draft }));
}

export function deleteBudget(of: Budget): Promise<unknown> {
  return answer(api.DELETE('/umbel/v1/organizations/{organization_id}/budgets/{budget_id}', { params: at(of) }));
}
