import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { endSession, type SessionEntry, sessions as sessionsQuery } from '../api/session';
import { me as meQuery } from '../api/users';
import { Button } from '../ui/Button';
import { ErrorNote } from '../ui/ErrorNote';
import { Page } from '../ui/Page';
import { Badge, Card, Loading } from '../ui/Parts';
import { type Column, Table } from '../ui/Table';
import { Time } from '../ui/Time';
import { say } from '../ui/Toasts';
import { AccountMemberships, OrganizationMemberships } from './memberships';

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
      <OrganizationMemberships />
      <AccountMemberships />
      <Sessions />
    </Page>
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
