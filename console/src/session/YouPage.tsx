import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { LogOut } from 'lucide-react';
import { endSession, type SessionEntry, sessions as sessionsQuery } from '../api/session';
import { leave } from '../api/members';
import { me as meQuery } from '../api/users';
import { Button } from '../ui/Button';
import { ErrorNote } from '../ui/ErrorNote';
import { Page } from '../ui/Page';
import { Badge, Card, Loading } from '../ui/Parts';
import { type Column, Table } from '../ui/Table';
import { Time } from '../ui/Time';
import { say } from '../ui/Toasts';
import { title } from '../ui/words';

/** Who you are, where you are a member, and where you are signed in. */
export function YouPage() {
  const me = useQuery(meQuery);
  const name = [me.data?.first_name, me.data?.last_name].filter(Boolean).join(' ');
  return (
    <Page title="You" lead={me.data && (name ? `${name}, ${me.data.email}` : me.data.email)}>
      <ErrorNote error={me.error} />
      {me.data && (
        <p>
          Second factor{' '}
          <Badge tone={me.data.two_factor_authentication_enabled ? 'good' : 'warning'}>{me.data.two_factor_authentication_enabled ? 'On' : 'Off'}</Badge>
        </p>
      )}
      <Memberships />
      <Sessions />
    </Page>
  );
}

function Memberships() {
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
      {rows.length > 0 && <Table label="Memberships" columns={columns} rows={rows} id={({ id }) => id} />}
    </Card>
  );
}

function Sessions() {
  const sessions = useQuery(sessionsQuery);
  const queryClient = useQueryClient();
  const end = useMutation({
    mutationFn: (session: SessionEntry) => endSession(session.id),
    onSuccess: () => {
      say('The session was ended');
      void queryClient.invalidateQueries({ queryKey: sessionsQuery.queryKey });
    },
  });
  const columns: Column<SessionEntry>[] = [
    { name: 'Browser', main: true, cell: ({ user_agent }) => user_agent ?? 'Unknown' },
    { name: 'Address', cell: ({ ip_address }) => ip_address ?? 'Unknown' },
    { name: 'Since', cell: ({ create_time }) => <Time at={create_time} /> },
    {
      name: 'End it',
      heading: 'hidden',
      align: 'end',
      cell: (session) =>
        session.current ? (
          <Badge tone="accent">This one</Badge>
        ) : (
          <Button size="small" onPress={() => end.mutate(session)}>
            End it
          </Button>
        ),
    },
  ];
  return (
    <Card title="Where you are signed in" flush>
      <ErrorNote error={sessions.error ?? end.error} />
      {sessions.isPending && <Loading />}
      {sessions.data && <Table label="Sessions" columns={columns} rows={sessions.data} id={({ id }) => id} />}
    </Card>
  );
}
