import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { UserMinus, UserPlus } from 'lucide-react';
import { useState } from 'react';
import { accountMembers, accountRoles, addAccountMember, removeAccountMember } from '../api/accounts';
import type { AccountMember } from '../api/types';
import { Button } from '../ui/Button';
import { FormDialog } from '../ui/Dialog';
import { ErrorNote } from '../ui/ErrorNote';
import { Field } from '../ui/Field';
import { Menu } from '../ui/Menu';
import { Badge, Card, Loading } from '../ui/Parts';
import { Select } from '../ui/Select';
import { type Column, Table } from '../ui/Table';
import { say } from '../ui/Toasts';
import { title } from '../ui/words';

const TONES = { accepted: 'good', pending: 'warning', rejected: 'bad' } as const;

/** Who is a member of the account alone. */
export function AccountMembers({ account, mayManage }: { account: string; mayManage: boolean }) {
  const members = useQuery(accountMembers(account));
  const [adding, setAdding] = useState(false);
  const queryClient = useQueryClient();
  const remove = useMutation({
    mutationFn: (member: AccountMember) => removeAccountMember(account, member.id),
    onSuccess: (_, member) => {
      say(`${member.user.email} was removed`);
      void queryClient.invalidateQueries();
    },
  });
  const deeds = (member: AccountMember) => [{ name: 'Remove', picture: UserMinus, tone: 'danger' as const, run: () => remove.mutate(member) }];
  const add = mayManage && (
    <Button onPress={() => setAdding(true)}>
      <UserPlus aria-hidden /> Add a member
    </Button>
  );
  return (
    <Card title="Members of this account alone" flush actions={add}>
      <ErrorNote error={members.error ?? remove.error} />
      {members.isPending && <Loading />}
      {members.data?.length === 0 && <p className="body soft">Nobody. Roles on organizations above reach the account without a membership in it.</p>}
      {members.data && members.data.length > 0 && (
        <Table label="Members of the account" columns={columns(mayManage ? deeds : undefined)} rows={members.data} id={({ id }) => id} />
      )}
      {adding && <AddDialog account={account} onClose={() => setAdding(false)} />}
    </Card>
  );
}

function columns(deeds: ((member: AccountMember) => Parameters<typeof Menu>[0]['deeds']) | undefined): Column<AccountMember>[] {
  return [
    { name: 'Person', main: true, cell: ({ user }) => user.email },
    { name: 'Roles', cell: ({ roles }) => roles.map(({ name }) => title(name)).join(', ') },
    { name: 'Status', cell: ({ status }) => <Badge tone={TONES[status]}>{title(status)}</Badge> },
    ...(deeds ? [{ name: 'Actions', heading: 'hidden' as const, align: 'end' as const, cell: (member: AccountMember) => <Menu label={`Actions for ${member.user.email}`} deeds={deeds(member)} /> }] : []),
  ];
}

function AddDialog({ account, onClose }: { account: string; onClose: () => void }) {
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<string | null>(null);
  const roles = useQuery(accountRoles(account)).data ?? [];
  const queryClient = useQueryClient();
  const add = useMutation({
    mutationFn: () => addAccountMember(account, email, role ?? ''),
    onSuccess: () => {
      say(`${email} was invited`);
      void queryClient.invalidateQueries({ queryKey: ['account', account] });
      onClose();
    },
  });
  return (
    <FormDialog title="Add a member of this account" submit="Add" onClose={onClose} onSubmit={() => add.mutate()} pending={add.isPending} error={add.error} blocked={email.trim() === '' || role === null}>
      {/* eslint-disable-next-line jsx-a11y/no-autofocus -- who opens the dialog wants to type the address */}
      <Field label="E-mail address" type="email" value={email} onChange={setEmail} autoFocus autoComplete="off" />
      <Select label="Role" choices={roles.map(({ id, name, description }) => ({ id, name: title(name), description }))} value={role} onChange={setRole} />
    </FormDialog>
  );
}
