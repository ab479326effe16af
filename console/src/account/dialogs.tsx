import { useMutation, useQuery } from '@tanstack/react-query';
import { ArrowRight } from 'lucide-react';
import { useState } from 'react';
import { deleteAccount, moveAccount, updateAccount } from '../api/accounts';
import type { Account, Organization } from '../api/types';
import { EffectView } from '../organization/EffectView';
import { OrganizationPicker } from '../organization/OrganizationPicker';
import { Button } from '../ui/Button';
import { FormDialog } from '../ui/Dialog';
import { ErrorNote } from '../ui/ErrorNote';
import { Field } from '../ui/Field';
import { Loading } from '../ui/Parts';
import { say } from '../ui/Toasts';

interface DialogProps {
  account: Account;
  onClose: () => void;
  onDone: () => void;
}

/** Gives an account another name. */
export function RenameDialog({ account, tag, onClose, onDone }: DialogProps & { tag: string | undefined }) {
  const [name, setName] = useState(account.name);
  const rename = useMutation({
    mutationFn: () => updateAccount(account, { name }, tag),
    onSuccess: () => {
      say(`It is called ${name} now`);
      onDone();
    },
  });
  return (
    <FormDialog title={`Rename ${account.name}`} submit="Rename" onClose={onClose} onSubmit={() => rename.mutate()} pending={rename.isPending} error={rename.error} blocked={name.trim() === ''}>
      {/* eslint-disable-next-line jsx-a11y/no-autofocus -- who opens the dialog wants to type the name */}
      <Field label="Name" value={name} onChange={setName} maxLength={100} autoFocus autoComplete="off" />
    </FormDialog>
  );
}

/** Moves an account into another organization, after showing what that would do. */
export function MoveDialog({ account, onClose, onDone }: DialogProps) {
  const [goal, setGoal] = useState<Organization>();
  const trial = useQuery({
    queryKey: ['move account', account.id, goal?.id],
    queryFn: () => moveAccount(account.id, goal?.id ?? '', 'try'),
    enabled: goal !== undefined,
    staleTime: 0,
    gcTime: 0,
    retry: false,
  });
  const move = useMutation({
    mutationFn: () => moveAccount(account.id, goal?.id ?? '', 'do'),
    onSuccess: () => {
      say(`${account.name} was moved`);
      onDone();
    },
  });
  const effect = trial.data?.effect;
  return (
    <FormDialog
      title={`Move ${account.name}`}
      submit="Move it"
      width="wide"
      onClose={onClose}
      onSubmit={() => move.mutate()}
      pending={move.isPending}
      error={move.error}
      blocked={!effect || effect.blockers.length > 0}
    >
      {goal ? (
        <>
          <p className="row">
            <span>
              From <strong>{account.managed_by?.parent_org_name ?? 'standing alone'}</strong>
            </span>
            <ArrowRight size={16} aria-hidden />
            <span>
              to <strong>{goal.name}</strong>
            </span>
            <Button size="small" tone="quiet" onPress={() => setGoal(undefined)}>
              Choose another
            </Button>
          </p>
          <ErrorNote error={trial.error} />
          {trial.isFetching && !effect && <Loading />}
          {effect && <EffectView effect={effect} />}
        </>
      ) : (
        <OrganizationPicker label="Search the new organization" fits={({ id }) => id !== account.managed_by?.parent_org_id} onPick={setGoal} />
      )}
    </FormDialog>
  );
}

/** Deletes an account. */
export function DeleteDialog({ account, onClose, onDone }: DialogProps) {
  const remove = useMutation({
    mutationFn: () => deleteAccount(account.id),
    onSuccess: () => {
      say(`${account.name} was deleted`);
      onDone();
    },
  });
  return (
    <FormDialog title={`Delete ${account.name}?`} submit="Delete" tone="danger" onClose={onClose} onSubmit={() => remove.mutate()} pending={remove.isPending} error={remove.error}>
      <p>The account and the memberships in it are gone at once. It cannot be undone; its audit log stays.</p>
    </FormDialog>
  );
}
