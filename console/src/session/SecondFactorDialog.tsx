import { useMutation } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useState } from 'react';
import { beginSecondFactor, confirmSecondFactor } from '../api/session';
import { FormDialog } from '../ui/Dialog';
import { Field } from '../ui/Field';
import { Loading, Secret } from '../ui/Parts';
import './second-factor.css';

const QrCode = lazy(() => import('./QrCode'));
/** How many digits a code has. */
export const DIGITS = 6;

/** Gives an authenticator its secret, and has it show that it makes the right codes. */
export function SecondFactorDialog({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const begin = useMutation({ mutationFn: beginSecondFactor });
  const { mutate } = begin;
  useEffect(() => mutate(), [mutate]);
  const [code, setCode] = useState('');
  const confirm = useMutation({ mutationFn: () => confirmSecondFactor(code), onSuccess: onDone });
  const { secret, uri } = begin.data ?? {};
  return (
    <FormDialog
      title="Add a second factor"
      submit="Confirm"
      onClose={onClose}
      onSubmit={() => confirm.mutate()}
      pending={confirm.isPending}
      error={begin.error ?? confirm.error}
      blocked={!secret || code.length !== DIGITS}
    >
      {begin.isPending && <Loading />}
      {secret && uri && (
        <>
          <p>Scan this with an authenticator, or type the secret into it. It is shown this once.</p>
          <Suspense fallback={<Loading />}>
            <QrCode text={uri} label="The secret for an authenticator" />
          </Suspense>
          <Secret text={secret} what="the secret" />
          <details>
            <summary>The same as an address</summary>
            <p className="otpauth" data-testid="uri">
              {uri}
            </p>
          </details>
          <Field label="Code that it shows now" inputMode="numeric" autoComplete="one-time-code" maxLength={DIGITS} value={code} onChange={setCode} hint="Your other sessions end once it is confirmed." />
        </>
      )}
    </FormDialog>
  );
}
