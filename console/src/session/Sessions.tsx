import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { endSession, sessions as sessionsQuery } from '../api/session';
import type { SessionPlace } from '../api/types';
import { Button } from '../ui/Button';
import { ErrorNote } from '../ui/ErrorNote';
import { Badge, Card, Loading } from '../ui/Parts';
import { type Column, Table } from '../ui/Table';
import { Time } from '../ui/Time';
import { say } from '../ui/Toasts';
import { browserName } from './browser';

/** Where the reader is signed in. */
export function Sessions() {
  const sessions = useQuery(sessionsQuery);
  const queryClient = useQueryClient();
  const end = useMutation({
    mutationFn: (session: SessionPlace) => endSession(session.id),
    onSuccess: () => {
      say('The session was ended');
      void queryClient.invalidateQueries({ queryKey: sessionsQuery.queryKey });
    },
  });
  const columns: Column<SessionPlace>[] = [
    { name: 'Browser', main: true, cell: ({ user_agent }) => (user_agent ? <span title={user_agent}>{browserName(user_agent)}</span> : 'Unknown') },
    { name: 'Address', cell: ({ ip_address }) => <span className="time">{ip_address}</span> },
    { name: 'Since', cell: ({ create_time }) => <Time at={create_time} /> },
    { name: 'Last used', cell: ({ current, last_used_on }) => (current ? 'Now' : last_used_on ? <Time at={last_used_on} /> : 'Not yet') },
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
