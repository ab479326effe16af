import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { FolderInput, Pencil, ScrollText, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { accessToAccount, mineOfAccount, NO_RIGHTS, type Rights } from '../api/access';
import { account as accountQuery, organizationsAbove, updateAccount } from '../api/accounts';
import type { Account } from '../api/types';
import { AccessTable } from '../organization/AccessTable';
import { ErrorNote } from '../ui/ErrorNote';
import { Identity } from '../ui/Identity';
import { Menu } from '../ui/Menu';
import { Page } from '../ui/Page';
import { Badge, Card, Loading } from '../ui/Parts';
import { Switch } from '../ui/Switch';
import { say } from '../ui/Toasts';
import { usePages } from '../ui/usePages';
import { title } from '../ui/words';
import { AccountMembers } from './AccountMembers';
import { DeleteDialog, MoveDialog, RenameDialog } from './dialogs';

const route = getRouteApi('/signed-in/accounts/$id');

/** An account: where it lies, how it behaves, and who may do what with it. */
export function AccountPage() {
  const { id } = route.useParams();
  const { data, error } = useQuery(accountQuery(id));
  const above = useQuery(organizationsAbove(id)).data ?? [];
  const rights = useQuery(mineOfAccount(id)).data ?? NO_RIGHTS;
  const organization = data?.value.managed_by?.parent_org_id;
  const crumbs = [{ name: 'Organizations' }, ...above.map((one) => ({ name: one.name, organization: one.id }))];
  if (!data) {
    return (
      <Page title="Account" crumbs={crumbs}>
        {error ? <ErrorNote error={error} /> : <Loading />}
      </Page>
    );
  }
  const account = data.value;
  return (
    <Page
      title={account.name}
      crumbs={crumbs}
      actions={
        <>
          {organization && rights.may('read_audit_log') && (
            <Link className="button" to="/audit" search={{ organization, resource_id: [id] }}>
              <ScrollText aria-hidden /> Show its history
            </Link>
          )}
          <Deeds account={account} tag={data.tag} rights={rights} />
        </>
      }
    >
      <div className="columns">
        <About account={account} />
        <Settings account={account} tag={data.tag} mayChange={rights.may('update_account')} />
      </div>
      {rights.may('read_members') && (
        <>
          <AccountMembers account={id} mayManage={rights.may('manage_members')} />
          <AccountAccess id={id} />
        </>
      )}
    </Page>
  );
}

function Deeds({ account, tag, rights }: { account: Account; tag: string | undefined; rights: Rights }) {
  const [doing, setDoing] = useState<'rename' | 'move' | 'delete'>();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const close = () => setDoing(undefined);
  const done = () => {
    close();
    void queryClient.invalidateQueries();
  };
  const deeds = [
    { name: 'Rename', picture: Pencil, needs: 'update_account', run: () => setDoing('rename') },
    { name: 'Move', picture: FolderInput, needs: 'move_account', run: () => setDoing('move') },
    { name: 'Delete', picture: Trash2, needs: 'delete_account', tone: 'danger' as const, run: () => setDoing('delete') },
  ].filter(({ needs }) => rights.may(needs));
  return (
    <>
      <Menu label="Actions" deeds={deeds} />
      {doing === 'rename' && <RenameDialog account={account} tag={tag} onClose={close} onDone={done} />}
      {doing === 'move' && <MoveDialog account={account} onClose={close} onDone={done} />}
      {doing === 'delete' && (
        <DeleteDialog
          account={account}
          onClose={close}
          onDone={() => {
            close();
            queryClient.removeQueries({ queryKey: ['account', account.id] });
            const organization = account.managed_by?.parent_org_id;
            void (organization ? navigate({ to: '/organizations/$id/accounts', params: { id: organization } }) : navigate({ to: '/' }));
          }}
        />
      )}
    </>
  );
}

function About({ account }: { account: Account }) {
  return (
    <Card title="About">
      <dl className="facts">
        <Identity id={account.id} created={account.created_on} />
        <dt>Type</dt>
        <dd>{title(account.type)}</dd>
        <dt>Lies in</dt>
        <dd>{account.managed_by?.parent_org_name ?? 'No organization: it stands alone'}</dd>
        <dt>Reports of abuse</dt>
        <dd>{account.settings.abuse_contact_email ?? 'Nobody is named'}</dd>
      </dl>
    </Card>
  );
}

function Settings({ account, tag, mayChange }: { account: Account; tag: string | undefined; mayChange: boolean }) {
  const queryClient = useQueryClient();
  const set = useMutation({
    mutationFn: (enforce_twofactor: boolean) => updateAccount(account, { settings: { enforce_twofactor } }, tag),
    onSuccess: () => say('The setting was saved'),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['account', account.id] }),
  });
  const enforced = set.isPending ? set.variables : account.settings.enforce_twofactor;
  return (
    <Card title="Settings">
      <div className="stack">
        {mayChange ? (
          <Switch isSelected={enforced} onChange={set.mutate}>
            Enforce a second factor
          </Switch>
        ) : (
          <div className="row">
            <Badge tone={enforced ? 'good' : 'plain'}>{enforced ? 'On' : 'Off'}</Badge> Enforce a second factor
          </div>
        )}
        <p className="soft small">Whoever signs in to the console without one cannot use this account. Tokens are not affected.</p>
        <ErrorNote error={set.error} />
      </div>
    </Card>
  );
}

function AccountAccess({ id }: { id: string }) {
  const { items, error, more } = usePages(['access', 'account', id], (token) => accessToAccount(id, token));
  return (
    <Card title="Who may do what, and why" flush>
      <ErrorNote error={error} />
      {!items && !error && <Loading />}
      {items && items.length === 0 && <p className="body soft">Nobody but operators of the server reaches this account.</p>}
      {items && items.length > 0 && <AccessTable access={items} here={id} more={more} />}
    </Card>
  );
}
