import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { identities as identitiesQuery, removeIdentity } from '../api/session';
import type { LinkedIdentity } from '../api/types';
import { Button } from '../ui/Button';
import { ErrorNote } from '../ui/ErrorNote';
import { Card } from '../ui/Parts';
import { type Column, Table } from '../ui/Table';
import { Time } from '../ui/Time';
import { say } from '../ui/Toasts';

/** By which identities at providers the reader signs in; nothing where there are none. */
export function Identities() {
  const identities = useQuery(identitiesQuery);
  const queryClient = useQueryClient();
  const remove = useMutation({
    mutationFn: (identity: LinkedIdentity) => removeIdentity(identity.id),
    onSuccess: () => {
      say('The identity was removed');
      void queryClient.invalidateQueries({ queryKey: identitiesQuery.queryKey });
    },
  });
  const columns: Column<LinkedIdentity>[] = [
    { name: 'Provider', main: true, cell: ({ issuer }) => issuer },
    { name: 'Known there as', cell: ({ subject }) => subject },
    { name: 'Since', cell: ({ create_time }) => <Time at={create_time} /> },
    { name: 'Last used', cell: ({ last_used_on }) => <Time at={last_used_on} /> },
    {
      name: 'Remove it',
      heading: 'hidden',
      align: 'end',
      cell: (identity) => (
        <Button size="small" onPress={() => remove.mutate(identity)}>
          Remove it
        </Button>
      ),
    },
  ];
  if (!identities.error && !identities.data?.length) return null;
  return (
    <Card title="Where else you sign in" flush>
      <ErrorNote error={identities.error ?? remove.error} />
      {identities.data && <Table label="Identities" columns={columns} rows={identities.data} id={({ id }) => id} />}
    </Card>
  );
}
