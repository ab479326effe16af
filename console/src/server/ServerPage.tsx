import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api } from '../api/client';
import { server as serverQuery } from '../api/server';
import { sizes as sizesQuery } from '../api/sizes';
import type { Server } from '../api/types';
import { ErrorNote } from '../ui/ErrorNote';
import { Page } from '../ui/Page';
import { Badge, Card, Loading } from '../ui/Parts';
import { Time } from '../ui/Time';
import { count, number, size } from '../ui/words';
import { Workers } from './Workers';

const EVERY_MS = 5000;

/** How the server is. For operators. */
export function ServerPage() {
  const alive = useHealth('/healthz');
  const ready = useHealth('/readyz');
  const { data, error, isPending } = useQuery(serverQuery);
  return (
    <Page title="Server" lead="Whether it works, what it is made of, and how much it holds. Numbers over time are on its metrics listener, for Prometheus.">
      <div className="columns">
        <div className="stack">
          <Card title="Health">
            <dl className="facts">
              <dt>Process</dt>
              <dd>
                <Health state={alive} good="Alive" bad="Does not answer" />
              </dd>
              <dt>Database</dt>
              <dd>
                <Health state={ready} good="Ready" bad="Not ready" />
              </dd>
            </dl>
          </Card>
          <Card title="Version">
            <ErrorNote error={error} />
            {isPending && <Loading />}
            {data && <About server={data} />}
          </Card>
        </div>
        <Sizes />
      </div>
      {data && <Workers workers={data.workers} />}
    </Page>
  );
}

function About({ server: { version, start_time, database } }: { server: Server }) {
  return (
    <dl className="facts">
      <dt>Server</dt>
      <dd>{version}</dd>
      <dt>Running since</dt>
      <dd>
        <Time at={start_time} />
      </dd>
      <dt>Kept in</dt>
      <dd>
        {database.engine} {database.engine_version}
      </dd>
      <dt>Schema</dt>
      <dd>{database.schema_version}</dd>
      <dt>Takes</dt>
      <dd title={count(database.size, 'byte')}>{size(database.size)}</dd>
      <dt>API</dt>
      <dd>
        To read and try at <a href="/docs">/docs</a>
      </dd>
    </dl>
  );
}

function Sizes() {
  const { data, error, isPending } = useQuery(sizesQuery);
  const shown = (many: number | undefined) => (many === undefined ? 'More than are counted' : number(many));
  return (
    <Card title="Sizes">
      <ErrorNote error={error} />
      {isPending && <Loading />}
      {data && (
        <dl className="facts">
          <dt>Organizations</dt>
          <dd>{shown(data.organizations)}</dd>
          <dt>Accounts</dt>
          <dd>{shown(data.accounts)}</dd>
          <dt>Users</dt>
          <dd>{shown(data.users)}</dd>
          <dt>Metrics</dt>
          <dd>{shown(data.metrics)}</dd>
          <dt>Its own log</dt>
          <dd>
            {count(data.entries ?? 0, 'signed entry', 'signed entries')},{' '}
            <Link to="/audit" search={{ log: 'server' }}>
              show them
            </Link>
          </dd>
        </dl>
      )}
    </Card>
  );
}

type State = 'asked' | 'good' | 'bad';

function useHealth(path: '/healthz' | '/readyz'): { state: State; ms: number | undefined } {
  const query = useQuery({
    queryKey: ['health', path],
    queryFn: async () => {
      const begin = performance.now();
      const { response } = await api.GET(path);
      if (!response.ok) throw new Error(`status ${response.status}`);
      return performance.now() - begin;
    },
    refetchInterval: EVERY_MS,
    retry: false,
    staleTime: 0,
  });
  if (query.isPending) return { state: 'asked', ms: undefined };
  return query.isError ? { state: 'bad', ms: undefined } : { state: 'good', ms: query.data };
}

function Health({ state: { state, ms }, good, bad }: { state: { state: State; ms: number | undefined }; good: string; bad: string }) {
  if (state === 'asked') return <Badge>Asked</Badge>;
  if (state === 'bad') return <Badge tone="bad">{bad}</Badge>;
  return (
    <span className="row">
      <Badge tone="good">{good}</Badge> <span className="soft small number">{Math.round(ms ?? 0)} ms</span>
    </span>
  );
}
