import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { X } from 'lucide-react';
import { ApiError } from '../api/error';
import { names } from '../api/organizations';
import type { AuditChange, AuditEntry } from '../api/types';
import { Button, IconButton } from '../ui/Button';
import { Drawer } from '../ui/Drawer';
import { ErrorNote } from '../ui/ErrorNote';
import { Badge, Copyable, Loading, Note } from '../ui/Parts';
import { Time, utc } from '../ui/Time';
import { count, number, title } from '../ui/words';
import { difference, inclusion } from './api';
import { verify } from './inclusion';
import { subject } from './subject';

interface EntryDrawerProps {
  entry: AuditEntry;
  onClose: () => void;
  /** Shows everything about the same thing. */
  onHistory: (resource: string) => void;
}

/** An entry: who did what to what, what it made different, and what proves it. */
export function EntryDrawer({ entry, onClose, onHistory }: EntryDrawerProps) {
  const { action, actor, resource, raw, organization } = entry;
  const what = `${title(action.type ?? 'action')} ${title(resource.type ?? 'resource').toLowerCase()}`;
  const resourceId = resource.id;
  const place = useQuery(names(organization ? [organization.id] : [])).data?.get(organization?.id ?? '');
  const about = subject(entry);
  return (
    <Drawer label={what} onClose={onClose}>
      <div className="entry">
        <header>
          <div>
            <h2>{what}</h2>
            {action.description && action.description.toLowerCase() !== what.toLowerCase() && <p className="soft">{action.description}</p>}
          </div>
          <IconButton label="Close" size="small" onPress={onClose}>
            <X />
          </IconButton>
        </header>
        <dl className="facts">
          <dt>Result</dt>
          <dd>
            <Result entry={entry} />
          </dd>
          <dt>When</dt>
          <dd>
            <Time at={action.time} exact />
            <div className="small soft">{utc(action.time)}</div>
          </dd>
          <dt>Who</dt>
          <dd>
            {actor.email ?? title(actor.type ?? 'unknown')}
            <div className="small soft">{[actor.context && title(actor.context), actor.token_name, actor.ip_address].filter(Boolean).join(' · ')}</div>
          </dd>
          {resourceId && (
            <>
              <dt>On</dt>
              <dd>
                {about && <div>{about}</div>}
                <Copyable text={resourceId} what="the id" />
                <div>
                  <Button size="small" onPress={() => onHistory(resourceId)}>
                    Show its history
                  </Button>
                </div>
              </dd>
            </>
          )}
          {organization && (
            <>
              <dt>In</dt>
              <dd>
                <Link to="/organizations/$id" params={{ id: organization.id }}>
                  {place ?? organization.id}
                </Link>
              </dd>
            </>
          )}
          <dt>Request</dt>
          <dd>
            <code>
              {raw.method} {raw.uri}
            </code>
            <div className="small soft">
              {raw.status_code} {raw.cf_ray_id && `· ${raw.cf_ray_id}`} {raw.user_agent && `· ${raw.user_agent}`}
            </div>
          </dd>
        </dl>
        {organization && <Difference organization={organization.id} entry={entry} />}
        {organization && <Proof organization={organization.id} entry={entry} />}
        <Body name="Body of the request" body={resource.request} />
        <Body name="Body of the answer" body={resource.response} />
      </div>
    </Drawer>
  );
}

/** Whether it was done. */
export function Result({ entry }: { entry: AuditEntry }) {
  const good = entry.action.result === 'success';
  return <Badge tone={good ? 'good' : 'bad'}>{good ? 'Done' : 'Refused'}</Badge>;
}

function Difference({ organization, entry }: { organization: string; entry: AuditEntry }) {
  const { data, error, isPending } = useQuery({ queryKey: ['diff', entry.id], queryFn: () => difference(organization, entry), staleTime: Infinity });
  return (
    <section aria-label="What it made different">
      <h3>What it made different</h3>
      {isPending && <Loading />}
      <ErrorNote error={error} />
      {data?.changes.length === 0 && <p className="soft">Nothing.</p>}
      <ul className="changes">{data?.changes.map((change) => <Change key={change.pointer} change={change} />)}</ul>
    </section>
  );
}

function Change({ change }: { change: AuditChange }) {
  return (
    <li>
      <div className="pointer">{change.pointer || '/'}</div>
      {'before' in change && (
        <div className="side before">
          <span aria-label="before">−</span>
          <span>{json(change.before)}</span>
        </div>
      )}
      {'after' in change && (
        <div className="side after">
          <span aria-label="after">+</span>
          <span>{json(change.after)}</span>
        </div>
      )}
    </li>
  );
}

/** How long until a proof that is not there yet is asked for again. */
const AGAIN_MS = 1000;

/** Whether there is no proof because the entry was written a moment ago. */
function isNotYet(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}

function Proof({ organization, entry }: { organization: string; entry: AuditEntry }) {
  const { data, error, isPending } = useQuery({
    queryKey: ['proof', entry.id],
    queryFn: async () => {
      const proof = await inclusion(organization, entry);
      return { proof, verdict: await verify(proof) };
    },
    refetchInterval: ({ state }) => (isNotYet(state.error) ? AGAIN_MS : false),
  });
  const waits = isNotYet(error);
  return (
    <section aria-label="Proof">
      <h3>Proof</h3>
      {isPending && <Loading />}
      {waits ? <Note>It becomes provable about a second after it was written.</Note> : <ErrorNote error={error} />}
      {data && (
        <Note tone={data.verdict === 'bad' ? 'bad' : 'good'}>
          {data.verdict === 'good' && 'Proved: this browser computed the signed root from the entry’s leaf.'}
          {data.verdict === 'bad' && 'The proof does not lead to the signed root. The log may have been changed: keep this page, and verify a bundle with the command line.'}
          {data.verdict === 'cannot' && 'There is a proof. This browser computes hashes only over HTTPS, so that it was not checked here.'}
          <div className="small soft">
            Entry {number(data.proof.index + 1)} of {count(data.proof.checkpoint.size, 'entry', 'entries')}; root <code>{data.proof.checkpoint.root_hash.slice(0, 16)}…</code>
          </div>
        </Note>
      )}
    </section>
  );
}

function Body({ name, body }: { name: string; body: unknown }) {
  if (body === undefined || body === null) return null;
  return (
    <section aria-label={name}>
      <h3>{name}</h3>
      {/* It scrolls, so that the keyboard has to reach it. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre tabIndex={0}>{json(body)}</pre>
    </section>
  );
}

function json(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}
