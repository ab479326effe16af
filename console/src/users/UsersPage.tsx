import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Ban, CircleCheck, Link2, Plus, ShieldOff, Trash2, Users } from 'lucide-react';
import { useState } from 'react';
import type { User } from '../api/types';
import { disableUser, users } from '../api/users';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { ErrorNote } from '../ui/ErrorNote';
import { Menu } from '../ui/Menu';
import { Page } from '../ui/Page';
import { Badge, Card, Empty, Loading, Note, Secret } from '../ui/Parts';
import { Search } from '../ui/Search';
import { type Column, Table } from '../ui/Table';
import { Time } from '../ui/Time';
import { say } from '../ui/Toasts';
import { usePages } from '../ui/usePages';
import { useSettled } from '../ui/useSettled';
import { CreateDialog, DeleteDialog, LinkDialog, SecondFactorDialog } from './dialogs';

const TYPING_MS = 250;

type Doing = { what: 'create' } | { what: 'delete' | 'link' | 'factor'; user: User };

/** Everybody whom the server knows. For operators. */
export function UsersPage() {
  const [text, setText] = useState('');
  const asked = useSettled(text.trim(), TYPING_MS);
  const [doing, setDoing] = useState<Doing>();
  const [made, setMade] = useState<User>();
  const queryClient = useQueryClient();
  const { items, error, more } = usePages(['users', asked], (token) => users(asked, token));
  const again = () => void queryClient.invalidateQueries({ queryKey: ['users'] });
  const disable = useMutation({
    mutationFn: (user: User) => disableUser(user.id, !user.disabled),
    onSuccess: (_, user) => {
      say(`${user.email} was ${user.disabled ? 'enabled' : 'disabled'}`);
      again();
    },
  });
  const deeds = (user: User) => [
    { name: 'Make a sign-in link', picture: Link2, run: () => setDoing({ what: 'link', user }) },
    ...(user.two_factor_authentication_enabled ? [{ name: 'Remove the second factor', picture: ShieldOff, run: () => setDoing({ what: 'factor', user }) }] : []),
    { name: user.disabled ? 'Enable' : 'Disable', picture: user.disabled ? CircleCheck : Ban, run: () => disable.mutate(user) },
    { name: 'Delete', picture: Trash2, tone: 'danger' as const, run: () => setDoing({ what: 'delete', user }) },
  ];
  return (
    <Page
      title="Users"
      lead="Everybody whom the server knows. Who is disabled cannot do anything, and neither can their tokens."
      actions={
        <Button tone="primary" onPress={() => setDoing({ what: 'create' })}>
          <Plus aria-hidden /> New user
        </Button>
      }
    >
      <ErrorNote error={error ?? disable.error} />
      <Card flush>
        <div className="body">
          <Search label="Find a user by the whole address" value={text} onChange={setText} />
        </div>
        {!items && !error && <Loading />}
        {items?.length === 0 && (
          <Empty picture={Users} title="Nobody found">
            No user has exactly this address.
          </Empty>
        )}
        {items && items.length > 0 && <Table label="Users" columns={columns(deeds)} rows={items} id={({ id }) => id} more={more} />}
      </Card>
      {doing?.what === 'create' && (
        <CreateDialog
          onClose={() => setDoing(undefined)}
          onCreated={(user) => {
            setDoing(undefined);
            setMade(user);
            again();
          }}
        />
      )}
      {doing?.what === 'delete' && <DeleteDialog user={doing.user} onClose={() => setDoing(undefined)} onDeleted={again} />}
      {doing?.what === 'link' && <LinkDialog user={doing.user} onClose={() => setDoing(undefined)} />}
      {doing?.what === 'factor' && <SecondFactorDialog user={doing.user} onClose={() => setDoing(undefined)} onRemoved={again} />}
      {made?.api_key && (
        <Dialog
          title={`The global key of ${made.email}`}
          onClose={() => setMade(undefined)}
          footer={
            <Button tone="primary" onPress={() => setMade(undefined)}>
              Done
            </Button>
          }
        >
          <div className="content">
            <Note tone="warning">Copy it now: it is shown this once. With the address it can do everything that the user may do.</Note>
            <Secret text={made.api_key} what="the key" />
          </div>
        </Dialog>
      )}
    </Page>
  );
}

function columns(deeds: (user: User) => Parameters<typeof Menu>[0]['deeds']): Column<User>[] {
  return [
    {
      name: 'Person',
      main: true,
      cell: ({ name, email }) => (
        <div>
          <div>{name || email}</div>
          {name && <div className="small soft">{email}</div>}
        </div>
      ),
    },
    {
      name: 'State',
      cell: ({ disabled, operator }) => (
        <span className="row">
          <Badge tone={disabled ? 'bad' : 'good'}>{disabled ? 'Disabled' : 'Enabled'}</Badge>
          {operator && <Badge tone="accent">Operator</Badge>}
        </span>
      ),
    },
    { name: 'Second factor', cell: ({ two_factor_authentication_enabled: on }) => <Badge tone={on ? 'good' : 'plain'}>{on ? 'On' : 'Off'}</Badge> },
    { name: 'Created', cell: ({ create_time }) => <Time at={create_time} /> },
    { name: 'Actions', heading: 'hidden', align: 'end', cell: (user) => <Menu label={`Actions for ${user.email}`} deeds={deeds(user)} /> },
  ];
}
