import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Box, Plus } from 'lucide-react';
import { useState } from 'react';
import { mine, NO_RIGHTS } from '../api/access';
import { ACCOUNT_NAME_MAX, accountsOf, createAccount } from '../api/accounts';
import type { Account } from '../api/types';
import { Button } from '../ui/Button';
import { ErrorNote } from '../ui/ErrorNote';
import { NameDialog } from '../ui/NameDialog';
import { Badge, Card, Empty, Loading } from '../ui/Parts';
import { Search } from '../ui/Search';
import { type Column, Table } from '../ui/Table';
import { Time } from '../ui/Time';
import { say } from '../ui/Toasts';
import { usePages } from '../ui/usePages';
import { useSettled } from '../ui/useSettled';
import { count, title } from '../ui/words';

const route = getRouteApi('/signed-in/organizations/$id');
const TYPING_MS = 200;

/** The accounts that the organization holds itself. */
export function Accounts() {
  const { id } = route.useParams();
  const [text, setText] = useState('');
  const [creating, setCreating] = useState(false);
  const asked = useSettled(text.trim(), TYPING_MS);
  const rights = useQuery(mine(id)).data ?? NO_RIGHTS;
  const { items, total, error, more } = usePages(['accounts', id, asked], (token) => accountsOf(id, asked, token));
  const create = rights.may('create_account') && (
    <Button tone="primary" onPress={() => setCreating(true)}>
      <Plus aria-hidden /> New account
    </Button>
  );
  return (
    <Card title={total === undefined ? 'Accounts' : count(total, 'account')} flush actions={create}>
      <div className="body">
        <Search label="Search accounts by name" value={text} onChange={setText} />
      </div>
      <ErrorNote error={error} />
      {!items && !error && <Loading />}
      {items?.length === 0 && (
        <Empty picture={Box} title={asked ? 'Nothing found' : 'No accounts'}>
          {asked ? 'No account has this in its name.' : 'An account is where a product is used, and what usage and cost are counted for. It lies in one organization, and roles held above reach it.'}
        </Empty>
      )}
      {items && items.length > 0 && <Table label="Accounts" columns={COLUMNS} rows={items} id={(account) => account.id} more={more} />}
      {creating && <CreateDialog organization={id} onClose={() => setCreating(false)} />}
    </Card>
  );
}

const COLUMNS: Column<Account>[] = [
  {
    name: 'Name',
    main: true,
    cell: ({ id, name }) => (
      <Link to="/accounts/$id" params={{ id }}>
        {name}
      </Link>
    ),
  },
  { name: 'Type', cell: ({ type }) => title(type) },
  { name: 'Second factor', cell: ({ settings }) => (settings.enforce_twofactor ? <Badge tone="good">Enforced</Badge> : <Badge>Not enforced</Badge>) },
  { name: 'Created', cell: ({ created_on }) => <Time at={created_on} /> },
];

function CreateDialog({ organization, onClose }: { organization: string; onClose: () => void }) {
  const queryClient = useQueryClient();
  const create = useMutation({
    mutationFn: (name: string) => createAccount(name, organization),
    onSuccess: (account) => {
      say(`${account.name} was created`);
      void queryClient.invalidateQueries({ queryKey: ['accounts', organization] });
      onClose();
    },
  });
  return <NameDialog title="New account" submit="Create" max={ACCOUNT_NAME_MAX} pending={create.isPending} error={create.error} onClose={onClose} onSubmit={create.mutate} />;
}
