import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { setPassword } from '../api/session';
import { FormDialog } from '../ui/Dialog';
import { Field } from '../ui/Field';

const LENGTH_MIN = 10;
const LENGTH_MAX = 256;

interface Props {
  /** Whether the present password is asked for. */
  needsPresent: boolean;
  onClose: () => void;
  onDone: () => void;
}

/** Asks for a new password of the reader. */
export function PasswordDialog({ needsPresent, onClose, onDone }: Props) {
  const [present, setPresent] = useState('');
  const [next, setNext] = useState('');
  const [again, setAgain] = useState('');
  const set = useMutation({ mutationFn: () => setPassword(next, needsPresent ? present : undefined), onSuccess: onDone });
  const differs = again !== '' && again !== next;
  return (
    <FormDialog
      title={needsPresent ? 'Change the password' : 'Set a password'}
      submit="Set the password"
      onClose={onClose}
      onSubmit={() => set.mutate()}
      pending={set.isPending}
      error={set.error}
      blocked={next.length < LENGTH_MIN || again !== next || (needsPresent && present === '')}
    >
      {needsPresent && <Field label="Present password" type="password" autoComplete="current-password" value={present} onChange={setPresent} />}
      <Field
        label="New password"
        type="password"
        autoComplete="new-password"
        maxLength={LENGTH_MAX}
        hint={`At least ${LENGTH_MIN} characters. Your other sessions end.`}
        value={next}
        onChange={setNext}
      />
      <Field
        label="The new password again"
        type="password"
        autoComplete="new-password"
        maxLength={LENGTH_MAX}
        fault={differs ? 'This is not the same.' : undefined}
        value={again}
        onChange={setAgain}
      />
    </FormDialog>
  );
}
