import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Mail, RotateCw, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { mine, NO_RIGHTS } from '../api/access';
import { invitations, resend, revoke } from '../api/members';
import type { Invitation } from '../api/types';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { ErrorNote } from '../ui/ErrorNote';
import { Menu } from '../ui/Menu';
import { Badge, Card, Empty, Loading, Note, Secret } from '../ui/Parts';
import { type Column, Table } from '../ui/Table';
import { Time } from '../ui/Time';
import { say } from '../ui/Toasts';
import { usePages } from '../ui/usePages';
import { title } from '../ui/words';

const route = getRouteApi('/signed-in/organizations/$id');
const DELIVERY: Record<Invitation['delivery'], string> = { link: 'By hand', queued: 'Mail waits', sent: 'Mail sent', failed: 'Mail failed' };

/** The invitations that nobody has answered yet. */
export function Invitations() {
  const { id } = route.useParams();
  const queryClient = useQueryClient();
  const rights = useQuery(mine(id)).data ?? NO_RIGHTS;
  const [link, setLink] = useState<Invitation>();
  const { items, error, more } = usePages(['invitations', id], (token) => invitations(id, token));
  const again = useMutation({
    mutationFn: (invitation: Invitation) => resend(id, invitation.id),
    onSuccess: (invitation) => {
      if (invitation.token) setLink(invitation);
      else say(`${invitation.email} gets a new letter`);
      void queryClient.invalidateQueries({ queryKey: ['invitations', id] });
    },
  });
  const remove = useMutation({
    mutationFn: (invitation: Invitation) => revoke(id, invitation.id),
    onSuccess: (_, invitation) => {
      say(`The invitation of ${invitation.email} was revoked`);
      void queryClient.invalidateQueries();
    },
  });
  const deeds = (invitation: Invitation) => [
    { name: 'Make a new link', picture: RotateCw, run: () => again.mutate(invitation) },
    { name: 'Revoke', picture: Trash2, tone: 'danger' as const, run: () => remove.mutate(invitation) },
  ];
  return (
    <Card title="Open invitations" flush>
      <ErrorNote error={error ?? again.error ?? remove.error} />
      {!items && !error && <Loading />}
      {items?.length === 0 && (
        <Empty picture={Mail} title="No open invitations">
          Where the server invites new members, who is added under Members waits here until they accept.
        </Empty>
      )}
      {items && items.length > 0 && <Table label="Open invitations" columns={columns(rights.may('manage_members') ? deeds : undefined)} rows={items} id={(one) => one.id} more={more} />}
      {link && (
        <Dialog
          title={`New link for ${link.email}`}
          onClose={() => setLink(undefined)}
          footer={
            <Button tone="primary" onPress={() => setLink(undefined)}>
              Done
            </Button>
          }
        >
          <div className="content">
            <Note tone="warning">The link before no longer works. Hand this one over yourself: nobody can see it again.</Note>
            <Secret text={link.link ?? link.token ?? ''} what="the link" />
          </div>
        </Dialog>
      )}
    </Card>
  );
}

function columns(deeds: ((invitation: Invitation) => Parameters<typeof Menu>[0]['deeds']) | undefined): Column<Invitation>[] {
  return [
    { name: 'Person', main: true, cell: ({ email }) => email },
    { name: 'Role', cell: ({ role }) => title(role) },
    { name: 'Delivery', cell: ({ delivery }) => <Badge tone={delivery === 'failed' ? 'bad' : 'plain'}>{DELIVERY[delivery]}</Badge> },
    { name: 'Invited by', cell: ({ invited_by }) => invited_by.email ?? invited_by.id },
    { name: 'Expires', cell: ({ expires_on, expired }) => (expired ? <Badge tone="warning">Expired</Badge> : <Time at={expires_on} />) },
    ...(deeds ? [{ name: 'Actions', heading: 'hidden' as const, align: 'end' as const, cell: (one: Invitation) => <Menu label={`Actions for ${one.email}`} deeds={deeds(one)} /> }] : []),
  ];
}
