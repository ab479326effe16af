import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { asApiError } from '../api/error';
import { addMember, setRole } from '../api/members';
import type { Member, Role } from '../api/types';
import { Button } from '../ui/Button';
import { Dialog, FormDialog } from '../ui/Dialog';
import { Field } from '../ui/Field';
import { Loading, Note, Secret } from '../ui/Parts';
import { Select } from '../ui/Select';
import { Time } from '../ui/Time';
import { say } from '../ui/Toasts';
import { title } from '../ui/words';
import { EffectView } from './EffectView';

/** The roles as things to choose from. */
function choices(roles: Role[]) {
  return roles.map(({ id, name, description }) => ({ id, name: title(name), description }));
}

/** Adds a member; where new members are invited, it shows the link when no mail carries it. */
export function InviteDialog({ organization, roles, onClose }: { organization: string; roles: Role[]; onClose: () => void }) {
  const [email, setEmail] = useState('');
  const [role, setRoleId] = useState('viewer');
  const queryClient = useQueryClient();
  const add = useMutation({
    mutationFn: () => addMember(organization, email, role),
    onSuccess: (member) => {
      void queryClient.invalidateQueries();
      if (member.invitation) return;
      say(member.status === 'pending' ? `${email} was invited` : `${email} is a member now`);
      onClose();
    },
  });
  const invitation = add.data?.invitation;
  if (invitation) {
    return (
      <Dialog title={`Invitation for ${email}`} onClose={onClose} footer={<Button tone="primary" onPress={onClose}>Done</Button>}>
        <div className="content">
          <Note tone="warning">Hand this over yourself: the server sends no mail, and nobody can see it again.</Note>
          <Secret text={invitation.link ?? invitation.token} what="the link" />
          <p className="soft">
            It works once, for {email} alone, until <Time at={invitation.expires_on} />.
          </p>
        </div>
      </Dialog>
    );
  }
  return (
    <FormDialog title="Add a member" submit="Add" onClose={onClose} onSubmit={() => add.mutate()} pending={add.isPending} error={add.error} blocked={email.trim() === ''}>
      <Field
        label="E-mail address"
        type="email"
        value={email}
        onChange={setEmail}
        fault={add.error ? asApiError(add.error).about('email') : undefined}
        hint="Somebody whom the server does not know yet becomes a user."
        // eslint-disable-next-line jsx-a11y/no-autofocus -- who opens the dialog wants to type the address
        autoFocus
        autoComplete="off"
      />
      <Select label="Role" choices={choices(roles)} value={role} onChange={setRoleId} />
      <p className="soft small">{roles.find(({ id }) => id === role)?.description} It holds here and in everything below.</p>
    </FormDialog>
  );
}

/** Gives a member another role, after showing what that would do. */
export function RoleDialog({ organization, member, roles, onClose }: { organization: string; member: Member; roles: Role[]; onClose: () => void }) {
  const [role, setRoleId] = useState(member.role ?? '');
  const queryClient = useQueryClient();
  const changed = role !== member.role;
  const trial = useQuery({
    queryKey: ['role', member.id, role],
    queryFn: () => setRole(organization, member.id, role, 'try'),
    enabled: changed,
    staleTime: 0,
    retry: false,
  });
  const change = useMutation({
    mutationFn: () => setRole(organization, member.id, role, 'do'),
    onSuccess: () => {
      say(`${member.user.email} has another role now`);
      void queryClient.invalidateQueries();
      onClose();
    },
  });
  const effect = trial.data?.effect;
  const blocked = !effect || effect.blockers.length > 0;
  return (
    <FormDialog
      title={`Role of ${member.user.email}`}
      submit="Change the role"
      width="wide"
      onClose={onClose}
      onSubmit={() => change.mutate()}
      pending={change.isPending}
      error={change.error ?? (changed ? trial.error : undefined)}
      blocked={!changed || blocked}
    >
      <Select label="Role" choices={choices(roles)} value={role} onChange={setRoleId} />
      {changed && trial.isFetching && <Loading />}
      {changed && effect && <EffectView effect={effect} />}
    </FormDialog>
  );
}
