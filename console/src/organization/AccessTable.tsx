import { Link } from '@tanstack/react-router';
import type { Access } from '../api/types';
import { Badge } from '../ui/Parts';
import { type Column, Table } from '../ui/Table';
import { count, title } from '../ui/words';

interface AccessTableProps {
  access: Access[];
  /** The place that it is about. */
  here: string;
  more: (() => void) | undefined;
}

/** People with the roles that reach a place, and where they hold them. */
export function AccessTable({ access, here, more }: AccessTableProps) {
  return <Table label="Who may do what" columns={columns(here)} rows={access} id={({ user }) => user.id} more={more} />;
}

function columns(here: string): Column<Access>[] {
  return [
    { name: 'Person', main: true, cell: ({ user }) => user.email },
    {
      name: 'Role and where it is held',
      cell: ({ grants }) => (
        <ul>
          {grants.map((grant) => (
            <li key={grant.member_id}>
              {title(grant.role_name)} <Why grant={grant} here={here} />
            </li>
          ))}
        </ul>
      ),
    },
    {
      name: 'May do',
      cell: ({ actions }) => (
        <details>
          <summary>{count(actions.length, 'action')}</summary>
          <ul className="small soft">
            {actions.map((action) => (
              <li key={action}>{title(action)}</li>
            ))}
          </ul>
        </details>
      ),
    },
  ];
}

function Why({ grant, here }: { grant: Access['grants'][number]; here: string }) {
  const place = grant.organization;
  if (grant.account) return <Badge>in this account</Badge>;
  if (!place || place.id === here) return <Badge>here</Badge>;
  return (
    <span className="soft">
      from{' '}
      <Link to="/organizations/$id" params={{ id: place.id }}>
        {place.name}
      </Link>
      , {count(grant.path.length - 1, 'level')} up
    </span>
  );
}
