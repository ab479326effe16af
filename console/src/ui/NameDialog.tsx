import { useState } from 'react';
import { FormDialog } from './Dialog';
import { Field } from './Field';

interface NameDialogProps {
  title: string;
  submit: string;
  /** What it is called now. */
  before?: string;
  /** Most characters of a name. */
  max: number;
  hint?: string;
  pending: boolean;
  error: unknown;
  /** Whether it cannot be sent yet, whatever the name. */
  blocked?: boolean;
  onClose: () => void;
  onSubmit: (name: string) => void;
}

/** Asks what something is to be called. */
export function NameDialog({ title, submit, before = '', max, hint, pending, error, blocked = false, onClose, onSubmit }: NameDialogProps) {
  const [name, setName] = useState(before);
  return (
    <FormDialog title={title} submit={submit} onClose={onClose} onSubmit={() => onSubmit(name)} pending={pending} error={error} blocked={blocked || name.trim() === '' || name === before}>
      {/* eslint-disable-next-line jsx-a11y/no-autofocus -- who opens the dialog wants to type the name */}
      <Field label="Name" value={name} onChange={setName} maxLength={max} {...(hint ? { hint } : {})} autoFocus autoComplete="off" />
    </FormDialog>
  );
}
