import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useRouterState } from '@tanstack/react-router';
import { type SyntheticEvent, useEffect, useState } from 'react';
import { Form } from 'react-aria-components';
import { ApiError, PROVIDER_REFUSED, PROVIDER_UNAVAILABLE, SECOND_FACTOR_NEEDED, TOO_MANY_ATTEMPTS } from '../api/error';
import { PROVIDER, session as sessionQuery, signIn, signInByLink, signInByProvider, signInOptions } from '../api/session';
import type { Session } from '../api/types';
import { Button } from '../ui/Button';
import { ErrorNote } from '../ui/ErrorNote';
import { Field } from '../ui/Field';
import { Loading } from '../ui/Parts';
import { say } from '../ui/Toasts';
import './sign-in.css';

/** Signs somebody in: by a password, by a link that works once or at a provider, and by a second factor where they have one. */
export function SignIn() {
  const { code, problem, provider } = useFragment();
  useEffect(() => {
    document.title = 'Sign in · Umbel';
  }, []);
  return (
    <main className="sign-in">
      <div className="sign-in-art" aria-hidden>
        <Bloom />
        <p>Organizations, members, audit and cost: one tree.</p>
      </div>
      <div className="sign-in-form">
        <h1>Sign in to Umbel</h1>
        {code !== undefined ? <ByLink code={code} /> : provider ? <ByProvider /> : <Ways error={problem} />}
      </div>
    </main>
  );
}

/** What the address tells: the code of a link, that somebody comes from the provider, or why they do not. It is in no history. */
function useFragment(): { code: string | undefined; provider: boolean; problem: ApiError | undefined } {
  const hash = useRouterState({ select: (state) => state.location.hash });
  const [told] = useState(() => {
    const parameters = new URLSearchParams(hash);
    const problem = parameters.get('problem');
    return { code: parameters.get('code') ?? undefined, provider: parameters.has('provider'), problem: problem === null ? undefined : asProblem(Number(problem)) };
  });
  useEffect(() => {
    if (hash) window.history.replaceState(window.history.state, '', window.location.pathname);
  }, [hash]);
  return told;
}

const PROBLEMS: Record<number, string> = {
  [TOO_MANY_ATTEMPTS]: 'too many attempts to sign in failed; try again in a few minutes',
  [PROVIDER_REFUSED]: 'signing in at the provider was broken off or took too long; begin again',
  [PROVIDER_UNAVAILABLE]: 'the provider does not answer as it should; try again later',
};

/** What the server said when somebody came back from the provider. */
function asProblem(code: number): ApiError {
  return new ApiError(0, [{ code, message: PROBLEMS[code] ?? 'signing in at the provider failed; try again later' }]);
}

const THEN = 'umbel.then';

/** Where somebody wanted to before they went to the provider. */
function takeThen(): string | undefined {
  const then = sessionStorage.getItem(THEN) ?? undefined;
  sessionStorage.removeItem(THEN);
  return then;
}

/** Goes where somebody wanted to before they had to sign in. */
function useEnter(): (session: Session) => void {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const then = useRouterState({ select: (state) => state.location.state.then });
  return (session) => {
    queryClient.clear();
    queryClient.setQueryData(sessionQuery.queryKey, session);
    void navigate({ to: then ?? takeThen() ?? '/' });
  };
}

/** What asks for a code once the server has: what was right before stays as it is. */
function useSecondFactor(error: unknown) {
  const [asked, setAsked] = useState(false);
  const [totp, setTotp] = useState('');
  const needed = error instanceof ApiError && error.has(SECOND_FACTOR_NEEDED);
  if (needed && !asked) setAsked(true);
  const field = asked && (
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
  );
  return { asked, totp: asked && totp !== '' ? totp : undefined, field, fault: needed && totp === '' ? undefined : error };
}

/** The ways to sign in, and why another one failed. */
function Ways({ error }: { error?: unknown }) {
  return (
    <>
      <ErrorNote error={error} />
      <Password />
      <Provider />
    </>
  );
}

/** The way to the provider, where the server has one. */
function Provider() {
  const oidc = useQuery(signInOptions).data?.oidc;
  const then = useRouterState({ select: (state) => state.location.state.then });
  if (!oidc) return null;
  return (
    <a className="button" data-tone="plain" data-size="normal" href={PROVIDER} onClick={() => (then ? sessionStorage.setItem(THEN, then) : sessionStorage.removeItem(THEN))}>
      Sign in with {oidc.name}
    </a>
  );
}

function Password() {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const onSuccess = useEnter();
  const enter = useMutation({ mutationFn: (totp: string | undefined) => signIn(email, password, totp), onSuccess });
  const second = useSecondFactor(enter.error);
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    enter.mutate(second.totp);
  };
  return (
    <Form className="stack" onSubmit={send} validationBehavior="aria">
      <Field label="E-mail address" type="email" name="email" autoComplete="username" value={email} onChange={setEmail} isRequired />
      <Field label="Password" type="password" name="password" autoComplete="current-password" value={password} onChange={setPassword} isRequired />
      {second.field}
      <ErrorNote error={second.fault} />
      <Button type="submit" tone="primary" isPending={enter.isPending} isDisabled={email === '' || password === ''}>
        Sign in
      </Button>
    </Form>
  );
}

/** Signs in by a link. */
function ByLink({ code }: { code: string }) {
  const onEntered = useEnter();
  const onSuccess = (session: Session) => {
    onEntered(session);
    say('The link does not count again: set a password on the page about you');
  };
  return <Unasked send={(totp) => signInByLink(code, totp)} onSuccess={onSuccess} />;
}

/** Signs in as whom the provider has said it is. */
function ByProvider() {
  return <Unasked send={signInByProvider} onSuccess={useEnter()} />;
}

/** Signs in by what the browser has brought along; where that does not work, another way still may. */
function Unasked({ send: mutationFn, onSuccess }: { send: (totp: string | undefined) => Promise<Session>; onSuccess: (session: Session) => void }) {
  const enter = useMutation({ mutationFn, onSuccess });
  const { mutate } = enter;
  useEffect(() => mutate(undefined), [mutate]);
  const second = useSecondFactor(enter.error);
  if (second.asked) {
    const send = (event: SyntheticEvent) => {
      event.preventDefault();
      enter.mutate(second.totp);
    };
    return (
      <Form className="stack" onSubmit={send} validationBehavior="aria">
        {second.field}
        <ErrorNote error={second.fault} />
        <Button type="submit" tone="primary" isPending={enter.isPending} isDisabled={second.totp === undefined}>
          Sign in
        </Button>
      </Form>
    );
  }
  if (!enter.isError) return <Loading />;
  return <Ways error={enter.error} />;
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
