import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, Outlet, useNavigate } from '@tanstack/react-router';
import { Network } from 'lucide-react';
import { mine, NO_RIGHTS } from '../api/access';
import { names, organization as organizationQuery } from '../api/organizations';
import type { Organization } from '../api/types';
import { ErrorNote } from '../ui/ErrorNote';
import { Menu } from '../ui/Menu';
import { type Crumb, Page } from '../ui/Page';
import { Loading } from '../ui/Parts';
import { allowed, useDeeds } from './useDeeds';

const route = getRouteApi('/signed-in/organizations/$id');

/** An organization: where it is, what can be done with it, and its parts. */
export function OrganizationPage() {
  const { id } = route.useParams();
  const { data, error } = useQuery(organizationQuery(id));
  if (error) {
    return (
      <Page title="Organization" crumbs={[{ name: 'Organizations' }]}>
        <ErrorNote error={error} />
      </Page>
    );
  }
  return data ? <Shown organization={data.value} /> : <Loading />;
}

function Shown({ organization }: { organization: Organization }) {
  const { id, name } = organization;
  const rights = useQuery(mine(id)).data ?? NO_RIGHTS;
  const crumbs = useCrumbs(organization);
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const deeds = useDeeds({
    created: (made) => void navigate({ to: '/organizations/$id', params: { id: made.id } }),
    deleted: () => {
      queryClient.removeQueries({ queryKey: ['organization', id] });
      void navigate({ to: '/', search: organization.parent ? { selected: organization.parent.id } : {} });
    },
  });
  const tab = { params: { id }, activeOptions: { exact: true } };
  return (
    <Page
      title={name}
      crumbs={crumbs}
      actions={
        <>
          <Link className="button" to="/" search={{ selected: id }}>
            <Network aria-hidden /> Show in the tree
          </Link>
          <Menu label="Actions" deeds={allowed(deeds.of(organization), rights.may)} />
        </>
      }
    >
      <nav className="tabs" aria-label={`Parts of ${name}`}>
        <Link to="/organizations/$id" {...tab}>
          Overview
        </Link>
        {rights.may('read_account') && (
          <Link to="/organizations/$id/accounts" {...tab}>
            Accounts
          </Link>
        )}
        {rights.may('read_members') && (
          <>
            <Link to="/organizations/$id/members" {...tab}>
              Members
            </Link>
            <Link to="/organizations/$id/access" {...tab}>
              Access
            </Link>
            <Link to="/organizations/$id/invitations" {...tab}>
              Invitations
            </Link>
          </>
        )}
        <Link to="/organizations/$id/roles" {...tab}>
          Roles
        </Link>
        {rights.may('read_audit_log') && (
          <Link to="/audit" search={{ organization: id }}>
            Audit log
          </Link>
        )}
        {rights.may('read_billing') && (
          <Link to="/usage" search={{ organization: id }}>
            Usage and cost
          </Link>
        )}
      </nav>
      <Outlet />
      {deeds.dialog}
    </Page>
  );
}

/** The organizations above one, from the root down; those that cannot be seen are left out. */
export function useCrumbs({ id, meta }: Organization): Crumb[] {
  const above = meta.hierarchy_tags.filter((tag) => tag !== id);
  const known = useQuery(names(above)).data;
  const seen = above.flatMap((tag) => {
    const name = known?.get(tag);
    return name === undefined ? [] : [{ name, organization: tag }];
  });
  return [{ name: 'Organizations' }, ...seen];
}
