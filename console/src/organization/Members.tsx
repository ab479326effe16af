import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { ShieldCheck, UserCog, UserMinus, UserPlus, Users } from 'lucide-react';
import { useState } from 'react';
import { mine, NO_RIGHTS } from '../api/access';
import { members, removeMember, roles as rolesQuery } from '../api/members';
import type { Member, Role } from '../api/types';
import { Button } from '../ui/Button';
import { FormDialog } from '../ui/Dialog';
import { ErrorNote } from '../ui/ErrorNote';
import { type Deed, Menu } from '../ui/Menu';
import { Badge, Card, Empty, Loading, type Tone } from '../ui/Parts';
import { Search } from '../ui/Search';
import { type Column, Table } from '../ui/Table';
import { Time } from '../ui/Time';
import { say } from '../ui/Toasts';
import { usePages } from '../ui/usePages';
import { useSettled } from '../ui/useSettled';
import { count, title } from '../ui/words';
import { InviteDialog, RoleDialog } from './memberDialogs';

const route = getRouteApi('/signed-in/organizations/$id');
const TYPING_MS = 200;
const TONES: Record<Member['status'], Tone> = { active: 'good', pending: 'warning', rejected: 'bad', canceled: 'plain' };

type Doing = { what: 'invite' } | { what: 'role' | 'remove'; member: Member };

/** Who is a member of the organization itself, and as what. */
export function Members() {
  const { id } = route.useParams();
  const [text, setText] = useState('');
  const [doing, setDoing] = useState<Doing>();
  const asked = useSettled(text.trim(), TYPING_MS);
  const rights = useQuery(mine(id)).data ?? NO_RIGHTS;
  const roles = useQuery(rolesQuery(id)).data ?? [];
  const { items, total, error, more } = usePages(['members', id, asked], (token) => members(id, asked, token));
  const mayManage = rights.may('manage_members');
  const invite = mayManage && (
    <Button tone="primary" onPress={() => setDoing({ what: 'invite' })}>
      <UserPlus aria-hidden /> Add a member
    </Button>
  );
  const deeds = (member: Member): Deed[] => [
    { name: 'Change the role', picture: UserCog, run: () => setDoing({ what: 'role', member }) },
    { name: 'Remove', picture: UserMinus, tone: 'danger', run: () => setDoing({ what: 'remove', member }) },
  ];
  return (
    <Card title={total === undefined ? 'Members' : count(total, 'member')} flush actions={invite}>
      <div className="body">
        <Search label="Search members by address" value={text} onChange={setText} />
      </div>
      <ErrorNote error={error} />
      {!items && !error && <Loading />}
      {items?.length === 0 && (
        <Empty picture={Users} title={asked ? 'Nobody found' : 'No members of its own'}>
          {asked ? 'No member has this in their address.' : 'People who have a role above this organization have it here as well: see Access. Members added here have a role on it and everything below.'}
        </Empty>
      )}
      {items && items.length > 0 && <Table label="Members" columns={columns(roles, mayManage ? deeds : undefined)} rows={items} id={(member) => member.id} more={more} />}
      {doing?.what === 'invite' && <InviteDialog organization={id} roles={roles} onClose={() => setDoing(undefined)} />}
      {doing?.what === 'role' && <RoleDialog organization={id} member={doing.member} roles={roles} onClose={() => setDoing(undefined)} />}
      {doing?.what === 'remove' && <RemoveDialog organization={id} member={doing.member} onClose={() => setDoing(undefined)} />}
    </Card>
  );
}

function columns(roles: Role[], deeds: ((member: Member) => Deed[]) | undefined): Column<Member>[] {
  const names = new Map(roles.map((role) => [role.id, role.name]));
  return [
    {
      name: 'Person',
      main: true,
      cell: ({ user }) => (
        <div>
          <div>{user.name || user.email}</div>
          {user.name && <div className="small soft">{user.email}</div>}
        </div>
      ),
    },
    { name: 'Role', cell: ({ role }) => title(names.get(role ?? '') ?? role ?? 'Super administrator') },
    { name: 'Status', cell: ({ status }) => <Badge tone={TONES[status]}>{title(status)}</Badge> },
    {
      name: 'Second factor',
      cell: ({ user }) =>
        user.two_factor_authentication_enabled ? (
          <Badge tone="good">
            <ShieldCheck aria-hidden /> On
          </Badge>
        ) : (
          <Badge>Off</Badge>
        ),
    },
    { name: 'Since', cell: ({ create_time }) => <Time at={create_time} /> },
    ...(deeds ? [{ name: 'Actions', heading: 'hidden' as const, align: 'end' as const, cell: (member: Member) => <Menu label={`Actions for ${member.user.email}`} deeds={deeds(member)} /> }] : []),
  ];
}

function RemoveDialog({ organization, member, onClose }: { organization: string; member: Member; onClose: () => void }) {
  const queryClient = useQueryClient();
  const remove = useMutation({
    mutationFn: () => removeMember(organization, member.id),
    onSuccess: () => {
      say(`${member.user.email} was removed`);
      void queryClient.invalidateQueries();
      onClose();
    },
  });
  return (
    <FormDialog title={`Remove ${member.user.email}?`} submit="Remove" tone="danger" onClose={onClose} onSubmit={() => remove.mutate()} pending={remove.isPending} error={remove.error}>
      <p>They lose this role here and in everything below at once. Roles that they hold elsewhere stay.</p>
    </FormDialog>
  );
}
