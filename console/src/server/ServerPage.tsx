import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api } from '../api/client';
import { sizes as sizesQuery } from '../api/sizes';
import { ErrorNote } from '../ui/ErrorNote';
import { Page } from '../ui/Page';
import { Badge, Card, Loading } from '../ui/Parts';
import { count, number } from '../ui/words';

const EVERY_MS = 5000;

/** How the server is. For operators. */
export function ServerPage() {
  const alive = useHealth('/healthz');
  const ready = useHealth('/readyz');
  const document = useQuery({
    queryKey: ['openapi'],
    queryFn: async () => (await (await fetch('/umbel/v1/openapi.json')).json()) as { info: { title: string; version: string }; paths: Record<string, unknown> },
    staleTime: Infinity,
  });
  return (
    <Page title="Server" lead="Whether it works, and how much it holds. Numbers over time are on its metrics listener, for Prometheus.">
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
            <ErrorNote error={document.error} />
            {document.isPending && <Loading />}
            {document.data && (
              <dl className="facts">
                <dt>Server</dt>
                <dd>{document.data.info.version}</dd>
                <dt>API</dt>
                <dd>
                  {Object.keys(document.data.paths).length} paths, to read and try at <a href="/docs">/docs</a>
                </dd>
              </dl>
            )}
          </Card>
        </div>
        <Sizes />
      </div>
    </Page>
  );
}

function Sizes() {
  const { data, error, isPending } = useQuery(sizesQuery);
  const size = (many: number | undefined) => (many === undefined ? 'More than are counted' : number(many));
  return (
    <Card title="Sizes">
      <ErrorNote error={error} />
      {isPending && <Loading />}
      {data && (
        <dl className="facts">
          <dt>Organizations</dt>
          <dd>{size(data.organizations)}</dd>
          <dt>Accounts</dt>
          <dd>{size(data.accounts)}</dd>
          <dt>Users</dt>
          <dd>{size(data.users)}</dd>
          <dt>Metrics</dt>
          <dd>{size(data.metrics)}</dd>
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
