import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { removeSecondFactor, session as sessionQuery } from '../api/session';
import { me as meQuery } from '../api/users';
import { Button } from '../ui/Button';
import { FormDialog } from '../ui/Dialog';
import { Field } from '../ui/Field';
import { Badge, Card } from '../ui/Parts';
import { say } from '../ui/Toasts';
import { PasswordDialog } from './PasswordDialog';
import { DIGITS, SecondFactorDialog } from './SecondFactorDialog';

/** How the reader signs in, with what changes it. */
export function OwnSignIn() {
  const session = useQuery(sessionQuery).data;
  const me = useQuery(meQuery).data;
  const queryClient = useQueryClient();
  const [doing, setDoing] = useState<'password' | 'add' | 'remove'>();
  const done = (message: string) => {
    say(message);
    setDoing(undefined);
    void queryClient.invalidateQueries();
  };
  const close = () => setDoing(undefined);
  if (!session || !me) return null;
  const hasFactor = me.two_factor_authentication_enabled;
  return (
    <Card title="How you sign in">
      <dl className="facts">
        <dt>Password</dt>
        <dd className="row">
          <Button size="small" onPress={() => setDoing('password')}>
            {session.may_set_password ? 'Set a password' : 'Change the password'}
          </Button>
          {session.may_set_password && <span className="soft small">The present one is not asked for.</span>}
        </dd>
        <dt>Second factor</dt>
        <dd className="row">
          <Badge tone={hasFactor ? 'good' : 'warning'}>{hasFactor ? 'On' : 'Off'}</Badge>
          <Button size="small" onPress={() => setDoing(hasFactor ? 'remove' : 'add')}>
            {hasFactor ? 'Remove it' : 'Add one'}
          </Button>
        </dd>
      </dl>
      {doing === 'password' && <PasswordDialog needsPresent={!session.may_set_password} onClose={close} onDone={() => done('Your password was set, and your other sessions have ended')} />}
      {doing === 'add' && <SecondFactorDialog onClose={close} onDone={() => done('From now on you sign in with a code, too')} />}
      {doing === 'remove' && <RemoveDialog onClose={close} onDone={() => done('The second factor was removed')} />}
    </Card>
  );
}

function RemoveDialog({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const [code, setCode] = useState('');
  const remove = useMutation({ mutationFn: () => removeSecondFactor(code), onSuccess: onDone });
  return (
    <FormDialog title="Remove the second factor?" submit="Remove" tone="danger" onClose={onClose} onSubmit={() => remove.mutate()} pending={remove.isPending} error={remove.error} blocked={code.length !== DIGITS}>
      <p>From then on the password is enough to sign in. Accounts that ask for a second factor will be closed to you here.</p>
      <Field label="Code that it shows now" inputMode="numeric" autoComplete="one-time-code" maxLength={DIGITS} value={code} onChange={setCode} />
    </FormDialog>
  );
}
