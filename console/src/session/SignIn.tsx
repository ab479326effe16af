import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useRouterState } from '@tanstack/react-router';
import { type SyntheticEvent, useEffect, useState } from 'react';
import { Form } from 'react-aria-components';
import { ApiError } from '../api/error';
import { providers as providersQuery, SECOND_FACTOR_NEEDED, type Session, session as sessionQuery, signIn, signInByLink } from '../api/session';
import { Button } from '../ui/Button';
import { ErrorNote } from '../ui/ErrorNote';
import { Field } from '../ui/Field';
import { Loading } from '../ui/Parts';
import './sign-in.css';

/** Signs somebody in: by password and second factor, by a link that works once, or by somebody else who knows them. */
export function SignIn() {
  const code = useCode();
  const enter = useEnter();
  const link = useMutation({ mutationFn: signInByLink, onSuccess: enter });
  const { mutate } = link;
  useEffect(() => {
    document.title = 'Sign in · Umbel';
    if (code) mutate(code);
  }, [code, mutate]);
  return (
    <main className="sign-in">
      <div className="sign-in-art" aria-hidden>
        <Bloom />
        <p>Organizations, members, audit and cost: one tree.</p>
      </div>
      <div className="sign-in-form">
        <h1>Sign in to Umbel</h1>
        <ErrorNote error={link.error} />
        {link.isPending ? <Loading /> : <Password onDone={enter} />}
        <Providers />
      </div>
    </main>
  );
}

/** The code of a one-time link, taken out of the address at once: it is in no history. */
function useCode(): string | undefined {
  const hash = useRouterState({ select: (state) => state.location.hash });
  const [code] = useState(() => new URLSearchParams(hash).get('code') ?? undefined);
  useEffect(() => {
    if (code) window.history.replaceState(window.history.state, '', window.location.pathname);
  }, [code]);
  return code;
}

/** Goes where somebody wanted to before they had to sign in. */
function useEnter(): (session: Session) => void {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const then = useRouterState({ select: (state) => state.location.state.then });
  return (session) => {
    queryClient.clear();
    queryClient.setQueryData(sessionQuery.queryKey, session);
    void navigate({ to: then ?? '/' });
  };
}

function Password({ onDone }: { onDone: (session: Session) => void }) {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [totp, setTotp] = useState('');
  const enter = useMutation({ mutationFn: signIn, onSuccess: onDone });
  const [second, setSecond] = useState(false);
  const needsSecond = enter.error instanceof ApiError && enter.error.has(SECOND_FACTOR_NEEDED);
  if (needsSecond && !second) setSecond(true);
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    enter.mutate({ email, password, ...(second && totp ? { totp } : {}) });
  };
  return (
    <Form className="stack" onSubmit={send} validationBehavior="aria">
      <Field label="E-mail address" type="email" name="email" autoComplete="username" value={email} onChange={setEmail} isRequired />
      <Field label="Password" type="password" name="password" autoComplete="current-password" value={password} onChange={setPassword} isRequired />
      {second && (
        <Field
          label="Code of your authenticator"
          name="totp"
          inputMode="numeric"
          autoComplete="one-time-code"
          value={totp}
          onChange={setTotp}
          // eslint-disable-next-line jsx-a11y/no-autofocus -- it is what is asked for next
          autoFocus
        />
      )}
      <ErrorNote error={needsSecond && totp === '' ? undefined : enter.error} />
      <Button type="submit" tone="primary" isPending={enter.isPending} isDisabled={email === '' || password === ''}>
        Sign in
      </Button>
    </Form>
  );
}

function Providers() {
  const providers = useQuery(providersQuery).data ?? [];
  if (providers.length === 0) return null;
  return (
    <div className="stack">
      <p className="soft">or</p>
      {providers.map(({ id, name }) => (
        <a key={id} className="button" href={`/umbel/v1/session/oidc/${encodeURIComponent(id)}/start`}>
          Continue with {name}
        </a>
      ))}
    </div>
  );
}

const DEGREE = Math.PI / 180;
const STALKS = [-66, -47, -28, -9.5, 9.5, 28, 47, 66];
const FLOWERS = [-56, -28, 0, 28, 56];

/** The flower that the product is named after: stalks that spread from one point, and at the end of each it happens again. */
function Bloom() {
  return (
    <svg viewBox="-130 -150 260 236" className="bloom">
      <path d="M0 84 C 3 60 -2 30 0 0" />
      {STALKS.map((angle) => {
        const x = Math.sin(angle * DEGREE) * 92;
        const y = -Math.cos(angle * DEGREE) * 100;
        return (
          <g key={angle}>
            <path d={`M0 0 Q ${x * 0.28} ${y * 0.72} ${x} ${y}`} />
            {FLOWERS.map((turn) => {
              const toX = x + Math.sin((angle * 0.7 + turn) * DEGREE) * 20;
              const toY = y - Math.cos((angle * 0.7 + turn) * DEGREE) * 20;
              return (
                <g key={turn}>
                  <path d={`M${x} ${y} L${toX} ${toY}`} className="fine" />
                  <circle cx={toX} cy={toY} r={turn === 0 ? 3.6 : 3} />
                </g>
              );
            })}
          </g>
        );
      })}
    </svg>
  );
}
