import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { KeyRound, Plus, RotateCw, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { names } from '../api/organizations';
import { roles as rolesQuery } from '../api/members';
import { createToken, revokeToken, rollToken, tokens as tokensQuery } from '../api/tokens';
import type { ApiToken, Organization } from '../api/types';
import { OrganizationPicker } from '../organization/OrganizationPicker';
import { Button } from '../ui/Button';
import { Dialog, FormDialog } from '../ui/Dialog';
import { ErrorNote } from '../ui/ErrorNote';
import { Field } from '../ui/Field';
import { Menu } from '../ui/Menu';
import { Page } from '../ui/Page';
import { Badge, Card, Empty, Loading, Note, Secret } from '../ui/Parts';
import { Select } from '../ui/Select';
import { type Column, Table } from '../ui/Table';
import { Time } from '../ui/Time';
import { say } from '../ui/Toasts';
import { title } from '../ui/words';

/** The caller's own API tokens. */
export function TokensPage() {
  const tokens = useQuery(tokensQuery);
  const held = useQuery(names(tokens.data?.flatMap(({ organization_id }) => organization_id ?? []) ?? [])).data;
  const [creating, setCreating] = useState(false);
  const [shown, setShown] = useState<ApiToken>();
  const queryClient = useQueryClient();
  const again = () => void queryClient.invalidateQueries({ queryKey: tokensQuery.queryKey });
  const roll = useMutation({
    mutationFn: rollToken,
    onSuccess: (token) => {
      setShown(token);
      again();
    },
  });
  const revoke = useMutation({
    mutationFn: (token: ApiToken) => revokeToken(token.id),
    onSuccess: (_, token) => {
      say(`${token.name} was revoked`);
      again();
    },
  });
  const deeds = (token: ApiToken) => [
    { name: 'Roll', picture: RotateCw, run: () => roll.mutate(token.id) },
    { name: 'Revoke', picture: Trash2, tone: 'danger' as const, run: () => revoke.mutate(token) },
  ];
  const create = (
    <Button tone="primary" onPress={() => setCreating(true)}>
      <Plus aria-hidden /> New token
    </Button>
  );
  return (
    <Page title="API tokens" lead="A token lets a program act as you: for the command line, scripts, Terraform and the official clients." actions={create}>
      <ErrorNote error={tokens.error ?? roll.error ?? revoke.error} />
      <Card flush>
        {tokens.isPending && <Loading />}
        {tokens.data?.length === 0 && (
          <Empty picture={KeyRound} title="No tokens" action={create}>
            Give each program a token of its own, with no more reach than it needs. What the console can do, a script can.
          </Empty>
        )}
        {tokens.data && tokens.data.length > 0 && <Table label="API tokens" columns={columns(held, deeds)} rows={tokens.data} id={({ id }) => id} />}
      </Card>
      {creating && (
        <CreateDialog
          onClose={() => setCreating(false)}
          onCreated={(token) => {
            setCreating(false);
            setShown(token);
            again();
          }}
        />
      )}
      {shown?.value && (
        <Dialog
          title={`The token ${shown.name}`}
          onClose={() => setShown(undefined)}
          footer={
            <Button tone="primary" onPress={() => setShown(undefined)}>
              Done
            </Button>
          }
        >
          <div className="content">
            <Note tone="warning">Copy it now: it is shown this once.</Note>
            <Secret text={shown.value} what="the token" />
          </div>
        </Dialog>
      )}
    </Page>
  );
}

function columns(held: Map<string, string> | undefined, deeds: (token: ApiToken) => Parameters<typeof Menu>[0]['deeds']): Column<ApiToken>[] {
  return [
    { name: 'Name', main: true, cell: ({ name }) => name },
    { name: 'Reach', cell: ({ organization_id }) => (organization_id ? (held?.get(organization_id) ?? organization_id) : 'Everything of yours') },
    { name: 'Role at most', cell: ({ role }) => (role ? title(role) : 'Yours') },
    { name: 'Last used', cell: ({ last_used_on }) => (last_used_on ? <Time at={last_used_on} /> : <span className="soft">Never</span>) },
    {
      name: 'Expires',
      cell: ({ expires_on }) => {
        if (!expires_on) return <span className="soft">Never</span>;
        return new Date(expires_on) < new Date() ? <Badge tone="warning">Expired</Badge> : <Time at={expires_on} />;
      },
    },
    { name: 'Actions', heading: 'hidden', align: 'end', cell: (token) => <Menu label={`Actions for ${token.name}`} deeds={deeds(token)} /> },
  ];
}

const DAY_MS = 86_400_000;
const LIFETIMES = [
  { id: '7', name: '7 days' },
  { id: '30', name: '30 days' },
  { id: '90', name: '90 days' },
  { id: '365', name: 'A year' },
  { id: 'never', name: 'It does not expire' },
];

function CreateDialog({ onClose, onCreated }: { onClose: () => void; onCreated: (token: ApiToken) => void }) {
  const [name, setName] = useState('');
  const [scope, setScope] = useState<Organization>();
  const [role, setRole] = useState('yours');
  const [days, setDays] = useState('90');
  const roles = useQuery({ ...rolesQuery(scope?.id ?? ''), enabled: scope !== undefined }).data ?? [];
  const create = useMutation({
    mutationFn: () =>
      createToken({
        name,
        ...(scope ? { organization_id: scope.id } : {}),
        ...(scope && role !== 'yours' ? { role } : {}),
        ...(days === 'never' ? {} : { expires_on: new Date(Date.now() + Number(days) * DAY_MS).toISOString() }),
      }),
    onSuccess: onCreated,
  });
  const choices = [{ id: 'yours', name: 'Whatever yours allow', description: undefined }, ...roles.map(({ id, name: called, description }) => ({ id, name: title(called), description }))];
  return (
    <FormDialog title="New API token" submit="Create" onClose={onClose} onSubmit={() => create.mutate()} pending={create.isPending} error={create.error} blocked={name.trim() === ''}>
      <Field label="Name" value={name} onChange={setName} maxLength={100} hint="What it is for, such as the program that will have it." autoComplete="off" />
      <div className="stack">
        <span className="label">Reach</span>
        {scope ? (
          <p className="row">
            <strong>{scope.name}</strong> and everything below
            <Button size="small" tone="quiet" onPress={() => setScope(undefined)}>
              Everything of yours
            </Button>
          </p>
        ) : (
          <>
            <p className="soft small">Everything that you may do. Choose an organization to keep it to that.</p>
            <OrganizationPicker label="Search an organization" fits={() => true} onPick={setScope} />
          </>
        )}
      </div>
      {scope && <Select label="Role at most" choices={choices} value={role} onChange={setRole} />}
      <Select label="Expires after" choices={LIFETIMES} value={days} onChange={setDays} />
    </FormDialog>
  );
}
