import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ACCOUNT_NAME_MAX, deleteAccount, moveAccount, updateAccount } from '../api/accounts';
import type { Account, Organization } from '../api/types';
import { MovePreview } from '../organization/MovePreview';
import { OrganizationPicker } from '../organization/OrganizationPicker';
import { FormDialog } from '../ui/Dialog';
import { NameDialog } from '../ui/NameDialog';
import { say } from '../ui/Toasts';

interface DialogProps {
  account: Account;
  onClose: () => void;
  onDone: () => void;
}

/** Gives an account another name. */
export function RenameDialog({ account, tag, onClose, onDone }: DialogProps & { tag: string | undefined }) {
  const rename = useMutation({
    mutationFn: (name: string) => updateAccount(account, { name }, tag),
    onSuccess: (_, name) => {
      say(`It is called ${name} now`);
      onDone();
    },
  });
  return <NameDialog title={`Rename ${account.name}`} submit="Rename" before={account.name} max={ACCOUNT_NAME_MAX} pending={rename.isPending} error={rename.error} onClose={onClose} onSubmit={rename.mutate} />;
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
        <MovePreview from={account.managed_by?.parent_org_name ?? 'standing alone'} to={goal.name} trial={trial} onAgain={() => setGoal(undefined)} />
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
