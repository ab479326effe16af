/** A field of an entry that the log can be filtered by. */
export interface Filter {
  name: string;
  label: string;
  /** Where there are only a few values: which. */
  values?: string[];
}

/** The 18 filters; each also excludes, as `name.not`. */
export const FILTERS: Filter[] = [
  { name: 'action_type', label: 'Action', values: ['create', 'update', 'delete', 'view'] },
  { name: 'action_result', label: 'Result', values: ['success', 'failure'] },
  { name: 'actor_email', label: 'Actor’s address' },
  { name: 'actor_id', label: 'Actor’s id' },
  { name: 'actor_type', label: 'Kind of actor', values: ['user', 'system', 'cloudflare_admin'] },
  { name: 'actor_context', label: 'How the actor came', values: ['dash', 'api_token', 'api_key', 'api', 'oauth', 'origin_ca_key'] },
  { name: 'actor_ip_address', label: 'IP address' },
  { name: 'actor_token_id', label: 'Token’s id' },
  { name: 'actor_token_name', label: 'Token’s name' },
  { name: 'resource_type', label: 'Kind of resource' },
  { name: 'resource_id', label: 'Resource’s id' },
  { name: 'resource_product', label: 'Product' },
  { name: 'resource_scope', label: 'Scope', values: ['organizations'] },
  { name: 'raw_method', label: 'Method', values: ['POST', 'PUT', 'PATCH', 'DELETE', 'GET'] },
  { name: 'raw_status_code', label: 'Status' },
  { name: 'raw_uri', label: 'Path' },
  { name: 'raw_cf_ray_id', label: 'Request’s id' },
  { name: 'id', label: 'Entry’s id' },
];

/** What a filter demands: one of these values, or none of them. */
export interface Demand {
  filter: Filter;
  sense: 'is' | 'is not';
  values: string[];
}

/** The name of a demand in the query of the API. */
export function parameter({ filter, sense }: Pick<Demand, 'filter' | 'sense'>): string {
  return sense === 'is' ? filter.name : `${filter.name}.not`;
}
