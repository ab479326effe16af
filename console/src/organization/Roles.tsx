import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Pencil, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { mine, NO_RIGHTS } from '../api/access';
import { changeRole, createRole, deleteRole, roles as rolesQuery } from '../api/members';
import { organization as organizationQuery } from '../api/organizations';
import type { Role } from '../api/types';
import { Button } from '../ui/Button';
import { FormDialog } from '../ui/Dialog';
import { ErrorNote } from '../ui/ErrorNote';
import { Field } from '../ui/Field';
import { Menu } from '../ui/Menu';
import { Badge, Card, Loading, Note } from '../ui/Parts';
import { Checkbox } from '../ui/Switch';
import { type Column, Table } from '../ui/Table';
import { say } from '../ui/Toasts';
import { title } from '../ui/words';

const route = getRouteApi('/signed-in/organizations/$id');
/** What everybody may do for themselves: no role is needed for it, and none can withhold it. */
const OWN = new Set(['read_self', 'manage_own_memberships', 'manage_own_tokens']);

type Doing = { what: 'edit'; role?: Role } | { what: 'delete'; role: Role };

/** The roles that can be held here: those that are built in, and those of the root. */
export function Roles() {
  const { id } = route.useParams();
  const roles = useQuery(rolesQuery(id));
  const organization = useQuery(organizationQuery(id)).data?.value;
  const rights = useQuery(mine(id)).data ?? NO_RIGHTS;
  const [doing, setDoing] = useState<Doing>();
  const root = organization?.meta.hierarchy_tags[0];
  const atRoot = root === id;
  const mayManage = atRoot && rights.may('manage_roles');
  const all = [...new Set(roles.data?.flatMap(({ actions }) => actions))].filter((action) => !OWN.has(action));
  const deeds = (role: Role) =>
    role.built_in
      ? []
      : [
          { name: 'Change', picture: Pencil, run: () => setDoing({ what: 'edit', role }) },
          { name: 'Delete', picture: Trash2, tone: 'danger' as const, run: () => setDoing({ what: 'delete', role }) },
        ];
  return (
    <Card
      title="Roles"
      flush
      actions={
        mayManage && (
          <Button tone="primary" onPress={() => setDoing({ what: 'edit' })}>
            <Plus aria-hidden /> New role
          </Button>
        )
      }
    >
      {!atRoot && root && (
        <div className="body">
          <Note>
            Roles of its own belong to the root of the tree.{' '}
            <Link to="/organizations/$id/roles" params={{ id: root }}>
              See the roles of the root
            </Link>
          </Note>
        </div>
      )}
      <ErrorNote error={roles.error} />
      {!roles.data && !roles.error && <Loading />}
      {roles.data && <Table label="Roles" columns={columns(mayManage ? deeds : undefined)} rows={roles.data} id={(role) => role.id} />}
      {doing?.what === 'edit' && <EditDialog organization={id} role={doing.role} actions={all} onClose={() => setDoing(undefined)} />}
      {doing?.what === 'delete' && <DeleteDialog organization={id} role={doing.role} onClose={() => setDoing(undefined)} />}
    </Card>
  );
}

function columns(deeds: ((role: Role) => Parameters<typeof Menu>[0]['deeds']) | undefined): Column<Role>[] {
  return [
    {
      name: 'Role',
      main: true,
      cell: ({ name, built_in }) => (
        <span className="row">
          {built_in ? title(name) : name} {built_in && <Badge>Built in</Badge>}
        </span>
      ),
    },
    { name: 'What it is for', cell: ({ description }) => description },
    {
      name: 'What it allows',
      cell: ({ actions }) => (
        <span className="small soft">
          {actions
            .filter((action) => !OWN.has(action))
            .map(title)
            .join(', ')}
        </span>
      ),
    },
    ...(deeds ? [{ name: 'Actions', heading: 'hidden' as const, align: 'end' as const, cell: (role: Role) => <Menu label={`Actions for ${role.name}`} deeds={deeds(role)} /> }] : []),
  ];
}

function EditDialog({ organization, role, actions, onClose }: { organization: string; role: Role | undefined; actions: string[]; onClose: () => void }) {
  const [name, setName] = useState(role?.name ?? '');
  const [description, setDescription] = useState(role?.description ?? '');
  const [chosen, setChosen] = useState(() => new Set(role?.actions.filter((action) => !OWN.has(action)) ?? ['read_organization', 'read_account']));
  const queryClient = useQueryClient();
  const save = useMutation({
    mutationFn: () => {
      const draft = { name, description, actions: [...chosen] };
      return role ? changeRole(organization, role.id, draft) : createRole(organization, draft);
    },
    onSuccess: (saved) => {
      say(`The role ${saved.name} was saved`);
      void queryClient.invalidateQueries();
      onClose();
    },
  });
  const toggle = (action: string, on: boolean) => {
    const next = new Set(chosen);
    if (on) next.add(action);
    else next.delete(action);
    setChosen(next);
  };
  return (
    <FormDialog
      title={role ? `Change ${role.name}` : 'New role'}
      submit="Save"
      onClose={onClose}
      onSubmit={() => save.mutate()}
      pending={save.isPending}
      error={save.error}
      blocked={name.trim() === ''}
    >
      <Field label="Name" value={name} onChange={setName} maxLength={100} autoComplete="off" />
      <Field label="What it is for" value={description} onChange={setDescription} maxLength={500} />
      <fieldset className="choices">
        <legend>What it allows</legend>
        {actions.map((action) => (
          <Checkbox key={action} isSelected={chosen.has(action)} onChange={(on) => toggle(action, on)}>
            {title(action)}
          </Checkbox>
        ))}
      </fieldset>
    </FormDialog>
  );
}

function DeleteDialog({ organization, role, onClose }: { organization: string; role: Role; onClose: () => void }) {
  const queryClient = useQueryClient();
  const remove = useMutation({
    mutationFn: () => deleteRole(organization, role.id),
    onSuccess: () => {
      say(`The role ${role.name} was deleted`);
      void queryClient.invalidateQueries();
      onClose();
    },
  });
  return (
    <FormDialog title={`Delete the role ${role.name}?`} submit="Delete" tone="danger" onClose={onClose} onSubmit={() => remove.mutate()} pending={remove.isPending} error={remove.error}>
      <p>A role that somebody holds cannot be deleted: give them another one first.</p>
    </FormDialog>
  );
}
