import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { LogOut } from 'lucide-react';
import { leave } from '../api/members';
import { answerMembership, endMembership, memberships as membershipsQuery } from '../api/memberships';
import { me as meQuery } from '../api/users';
import { Button } from '../ui/Button';
import { ErrorNote } from '../ui/ErrorNote';
import { Badge, Card, Loading } from '../ui/Parts';
import { type Column, Table } from '../ui/Table';
import { say } from '../ui/Toasts';
import { title } from '../ui/words';

/** The organizations that the reader is a member of. */
export function OrganizationMemberships() {
  const me = useQuery(meQuery);
  const queryClient = useQueryClient();
  const go = useMutation({
    mutationFn: (membership: { id: string; name: string }) => leave(membership.id),
    onSuccess: (_, { name }) => {
      say(`You left ${name}`);
      void queryClient.invalidateQueries();
    },
  });
  const rows = me.data?.organizations ?? [];
  const columns: Column<(typeof rows)[number]>[] = [
    {
      name: 'Organization',
      main: true,
      cell: ({ id, name, status }) =>
        status === 'member' ? (
          <Link to="/organizations/$id" params={{ id }}>
            {name}
          </Link>
        ) : (
          name
        ),
    },
    { name: 'Roles', cell: ({ roles }) => roles.map(title).join(', ') },
    { name: 'Status', cell: ({ status }) => <Badge tone={status === 'member' ? 'good' : 'warning'}>{title(status)}</Badge> },
    {
      name: 'Leave',
      heading: 'hidden',
      align: 'end',
      cell: (membership) =>
        membership.status === 'member' && (
          <Button size="small" onPress={() => go.mutate(membership)} aria-label={`Leave ${membership.name}`}>
            <LogOut aria-hidden /> Leave
          </Button>
        ),
    },
  ];
  return (
    <Card title="Where you are a member" flush>
      <ErrorNote error={go.error} />
      {me.isPending && <Loading />}
      {me.data && rows.length === 0 && <p className="body soft">Nowhere. An organization shows here once somebody adds you to it.</p>}
      {rows.length > 0 && <Table label="Memberships of organizations" columns={columns} rows={rows} id={({ id }) => id} />}
    </Card>
  );
}

type Answer = 'accepted' | 'rejected' | 'ended';

/** The accounts that the reader is a member of, and those that wait for an answer. */
export function AccountMemberships() {
  const memberships = useQuery(membershipsQuery);
  const queryClient = useQueryClient();
  const reply = useMutation({
    mutationFn: async ({ id, how }: { id: string; how: Answer }): Promise<unknown> => (how === 'ended' ? endMembership(id) : answerMembership(id, how)),
    onSuccess: (_, { how }) => {
      say(`The membership was ${how}`);
      void queryClient.invalidateQueries();
    },
  });
  const rows = memberships.data ?? [];
  const columns: Column<(typeof rows)[number]>[] = [
    {
      name: 'Account',
      main: true,
      cell: ({ account, status }) =>
        status === 'accepted' ? (
          <Link to="/accounts/$id" params={{ id: account.id }}>
            {account.name}
          </Link>
        ) : (
          account.name
        ),
    },
    { name: 'Roles', cell: ({ roles }) => roles.map(title).join(', ') },
    { name: 'Status', cell: ({ status }) => <Badge tone={status === 'accepted' ? 'good' : 'warning'}>{title(status)}</Badge> },
    {
      name: 'Answer',
      heading: 'hidden',
      align: 'end',
      cell: ({ id, status, account }) => (
        <span className="row">
          {status === 'pending' && (
            <>
              <Button size="small" tone="primary" aria-label={`Accept ${account.name}`} onPress={() => reply.mutate({ id, how: 'accepted' })}>
                Accept
              </Button>
              <Button size="small" aria-label={`Reject ${account.name}`} onPress={() => reply.mutate({ id, how: 'rejected' })}>
                Reject
              </Button>
            </>
          )}
          {status === 'accepted' && (
            <Button size="small" aria-label={`Leave ${account.name}`} onPress={() => reply.mutate({ id, how: 'ended' })}>
              <LogOut aria-hidden /> Leave
            </Button>
          )}
        </span>
      ),
    },
  ];
  return (
    <Card title="Accounts that you are a member of" flush>
      <ErrorNote error={memberships.error ?? reply.error} />
      {memberships.isPending && <Loading />}
      {memberships.data && rows.length === 0 && <p className="body soft">None. Accounts below your organizations are reached by your roles there.</p>}
      {rows.length > 0 && <Table label="Memberships of accounts" columns={columns} rows={rows} id={({ id }) => id} />}
    </Card>
  );
}
