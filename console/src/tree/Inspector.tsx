import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { accountsOf } from '../api/accounts';
import type { Rights } from '../api/access';
import { members } from '../api/members';
import { organization as organizationQuery } from '../api/organizations';
import type { Organization } from '../api/types';
import { allowed, type OrganizationDeed } from '../organization/useDeeds';
import { Button } from '../ui/Button';
import { ErrorNote } from '../ui/ErrorNote';
import { Identity } from '../ui/Identity';
import { Loading } from '../ui/Parts';
import { number, title } from '../ui/words';

/** What there is to know of the organization that is looked at; once another one is selected, nothing can be done with it any more. */
export function Inspector({ id, isLeft, rights, deeds }: { id: string; isLeft: boolean; rights: Rights; deeds: (organization: Organization) => OrganizationDeed[] }) {
  const { data, error } = useQuery(organizationQuery(id));
  const accounts = useQuery({ queryKey: ['accounts', id, 'total'], queryFn: () => accountsOf(id, '', undefined), enabled: rights.may('read_account') }).data;
  const people = useQuery({ queryKey: ['members', id, 'total'], queryFn: () => members(id, '', undefined), enabled: rights.may('read_members') }).data;
  const organization = data?.value;
  return (
    <section className="card inspector" aria-label="Selected organization" inert={isLeft}>
      <ErrorNote error={error} />
      {!organization && !error && <Loading />}
      {organization && (
        <>
          <header>
            <h2>{organization.name}</h2>
          </header>
          <div className="body stack">
            <div className="row">
              <Link className="button" data-tone="primary" to="/organizations/$id" params={{ id }}>
                Open
              </Link>
              {allowed(deeds(organization), rights.may).map(({ name, picture: Picture, run }) => (
                <Button key={name} onPress={run}>
                  <Picture aria-hidden /> {name}
                </Button>
              ))}
            </div>
            <dl className="facts">
              <dt>In</dt>
              <dd>{organization.parent ? organization.parent.name : 'Nothing: it is a root'}</dd>
              <Identity id={id} created={organization.create_time} />
              {accounts?.result_info?.total_size !== undefined && (
                <>
                  <dt>Accounts</dt>
                  <dd>
                    <Link to="/organizations/$id/accounts" params={{ id }}>
                      {number(accounts.result_info.total_size)}
                    </Link>
                  </dd>
                </>
              )}
              {people?.result_info?.total_size !== undefined && (
                <>
                  <dt>Members</dt>
                  <dd>
                    <Link to="/organizations/$id/members" params={{ id }}>
                      {number(people.result_info.total_size)}
                    </Link>
                  </dd>
                </>
              )}
              <dt>Flags off</dt>
              <dd>{offFlags(organization) || 'None'}</dd>
            </dl>
          </div>
        </>
      )}
    </section>
  );
}

function offFlags({ meta }: Organization): string {
  return Object.entries(meta.tenant_flags)
    .filter(([, flag]) => flag === 'disabled')
    .map(([name]) => title(name))
    .join(', ');
}
