import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { User } from '../api/types';
import { createSignInLink, createUser, deleteUser, removeSecondFactorOf } from '../api/users';
import { Button } from '../ui/Button';
import { Dialog, FormDialog } from '../ui/Dialog';
import { Field } from '../ui/Field';
import { Note, Secret } from '../ui/Parts';
import { Time } from '../ui/Time';
import { say } from '../ui/Toasts';

/** Asks who the new user is. */
export function CreateDialog({ onClose, onCreated }: { onClose: () => void; onCreated: (user: User) => void }) {
  const [email, setEmail] = useState('');
  const [name, setName] = useState('');
  const create = useMutation({ mutationFn: () => createUser(email, name), onSuccess: onCreated });
  return (
    <FormDialog title="New user" submit="Create" onClose={onClose} onSubmit={() => create.mutate()} pending={create.isPending} error={create.error} blocked={email.trim() === ''}>
      {/* eslint-disable-next-line jsx-a11y/no-autofocus -- who opens the dialog wants to type the address */}
      <Field label="E-mail address" type="email" value={email} onChange={setEmail} autoFocus autoComplete="off" />
      <Field label="Name" value={name} onChange={setName} maxLength={100} autoComplete="off" />
    </FormDialog>
  );
}

/** Deletes a user, once that is confirmed. */
export function DeleteDialog({ user, onClose, onDeleted }: { user: User; onClose: () => void; onDeleted: () => void }) {
  const remove = useMutation({
    mutationFn: () => deleteUser(user.id),
    onSuccess: () => {
      say(`${user.email} was deleted`);
      onDeleted();
      onClose();
    },
  });
  return (
    <FormDialog title={`Delete ${user.email}?`} submit="Delete" tone="danger" onClose={onClose} onSubmit={() => remove.mutate()} pending={remove.isPending} error={remove.error}>
      <p>Their memberships and tokens go with them. What they did stays in the audit log.</p>
    </FormDialog>
  );
}

/** Makes a link by which a user signs in once. */
export function LinkDialog({ user, onClose }: { user: User; onClose: () => void }) {
  const make = useMutation({ mutationFn: () => createSignInLink(user.id) });
  const { url, expires_at } = make.data ?? {};
  if (!url || !expires_at) {
    return (
      <FormDialog title={`A sign-in link for ${user.email}`} submit="Make the link" onClose={onClose} onSubmit={() => make.mutate()} pending={make.isPending} error={make.error}>
        <p>Whoever opens it is signed in as this user, once, and may set a password. Links made before do not count any more.</p>
      </FormDialog>
    );
  }
  return (
    <Dialog
      title={`A sign-in link for ${user.email}`}
      onClose={onClose}
      footer={
        <Button tone="primary" onPress={onClose}>
          Done
        </Button>
      }
    >
      <div className="content">
        <Note tone="warning">
          Copy it now: it is shown this once. It counts once, until <Time at={expires_at} />.
        </Note>
        {/* A server that was not told its address answers the path alone. */}
        <Secret text={new URL(url, window.location.origin).href} what="the link" />
      </div>
    </Dialog>
  );
}

/** Takes away the second factor of a user who has lost it. */
export function SecondFactorDialog({ user, onClose, onRemoved }: { user: User; onClose: () => void; onRemoved: () => void }) {
  const remove = useMutation({
    mutationFn: () => removeSecondFactorOf(user.id),
    onSuccess: () => {
      say(`${user.email} signs in without a second factor`);
      onRemoved();
      onClose();
    },
  });
  return (
    <FormDialog title={`Remove the second factor of ${user.email}?`} submit="Remove" tone="danger" onClose={onClose} onSubmit={() => remove.mutate()} pending={remove.isPending} error={remove.error}>
      <p>They sign in with their password alone from then on, and where they are signed in now they are not any more.</p>
    </FormDialog>
  );
}
