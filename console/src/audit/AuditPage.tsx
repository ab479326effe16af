import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { RotateCw, ScrollText, ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import { names } from '../api/organizations';
import type { AuditEntry } from '../api/types';
import { isOperator } from '../api/users';
import { Scoped, ScopePicker, useScope } from '../organization/ScopePicker';
import { Button, IconButton } from '../ui/Button';
import { Downloads } from '../ui/Downloads';
import { ErrorNote } from '../ui/ErrorNote';
import { Page } from '../ui/Page';
import { Card, Empty, Loading } from '../ui/Parts';
import { Select } from '../ui/Select';
import { Switch } from '../ui/Switch';
import { type Column, Table } from '../ui/Table';
import { Time } from '../ui/Time';
import { title } from '../ui/words';
import { exportAddress, type Log } from './api';
import { Chips } from './Chips';
import { CheckpointDialog } from './CheckpointDialog';
import { EntryDrawer, Result } from './EntryDrawer';
import { type AuditSearch, DEFAULT_PERIOD, demands, type Period, PERIODS } from './search';
import { subject } from './subject';
import { useLog } from './useLog';
import './audit.css';

const route = getRouteApi('/signed-in/audit');

/** The audit log of an organization with everything below it, or of the server. */
export function AuditPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const operator = useQuery(isOperator).data === true;
  const scope = useScope(search.organization);
  const change = (next: AuditSearch) => void navigate({ search: next, replace: true, resetScroll: false });
  const log: Log | undefined = search.log ?? (scope.organization ? { organization: scope.organization.id, below: search.below !== 'no' } : undefined);
  return (
    <Page title="Audit log" lead="What was changed, and what was refused. The address of this page holds the filters: share it.">
      <Scoped scope={scope} none={<NoScope operator={operator} />}>
        {log && <Shown key={JSON.stringify(log)} log={log} search={search} onChange={change} operator={operator} name={log === 'server' ? 'The server' : (scope.organization?.name ?? '')} />}
      </Scoped>
    </Page>
  );
}

function NoScope({ operator }: { operator: boolean }) {
  return (
    <Card>
      <Empty picture={ScrollText} title="No log to show" action={operator && <Link to="/audit" search={{ log: 'server' }}>To the log of the server</Link>}>
        The audit log belongs to organizations, and you see none yet.
      </Empty>
    </Card>
  );
}

interface ShownProps {
  log: Log;
  name: string;
  search: AuditSearch;
  onChange: (search: AuditSearch) => void;
  operator: boolean;
}

function Shown({ log, name, search, onChange, operator }: ShownProps) {
  const [live, setLive] = useState(false);
  const [chosen, setChosen] = useState<AuditEntry>();
  const [proving, setProving] = useState(false);
  const { entries, span, error, more, reload } = useLog(log, search, live);
  const places = useQuery(names((entries ?? []).flatMap(({ organization }) => organization?.id ?? []))).data;
  const ofOrganization = log === 'server' ? undefined : log.organization;
  const pick = (organization: string) => {
    const { log: _, ...rest } = search;
    onChange({ ...rest, organization });
  };
  const periods = Object.entries(PERIODS).map(([id, called]) => ({ id, name: called }));
  const custom = search.since !== undefined || search.before !== undefined;
  return (
    <>
      <div className="audit-bar">
        <ScopePicker
          name={name}
          onPick={pick}
          {...(operator ? { extra: { name: 'The log of the server', run: () => onChange({ log: 'server' }) } } : {})}
        />
        <Select
          label="Period"
          labelled="hidden"
          choices={custom ? [...periods, { id: 'custom', name: 'As the address says' }] : periods}
          value={custom ? 'custom' : (search.period ?? DEFAULT_PERIOD)}
          onChange={(period) => {
            const { since: _, before: __, ...rest } = search;
            if (period !== 'custom') onChange({ ...rest, period: period as Period });
          }}
        />
        {log !== 'server' && (
          <Switch
            isSelected={log.below}
            onChange={(below) => {
              const { below: _, ...rest } = search;
              onChange(below ? rest : { ...rest, below: 'no' });
            }}
          >
            With everything below
          </Switch>
        )}
        <Switch isSelected={live} onChange={setLive}>
          Live
        </Switch>
        <IconButton label="Look again" tone="plain" onPress={reload}>
          <RotateCw />
        </IconButton>
        {span && (
          <Downloads
            label="Export"
            files={[
              { name: 'CSV, for spreadsheets', href: exportAddress(log, search, span, 'csv'), as: 'audit.csv' },
              { name: 'NDJSON, for programs', href: exportAddress(log, search, span, 'ndjson'), as: 'audit.ndjson' },
            ]}
          />
        )}
        {ofOrganization && (
          <Button onPress={() => setProving(true)}>
            <ShieldCheck aria-hidden /> Checkpoint
          </Button>
        )}
      </div>
      <Chips search={search} onChange={onChange} />
      <ErrorNote error={error} />
      <Card flush>
        {!entries && !error && <Loading />}
        {entries?.length === 0 && (
          <Empty picture={ScrollText} title="No entries">
            {demands(search).length > 0 ? 'No entry of this time passes all filters. Remove one, or choose a longer period.' : 'Nothing was changed in this time. Choose a longer period, or switch to live and change something.'}
          </Empty>
        )}
        {entries && entries.length > 0 && <Table label="Audit log" columns={columns(places, setChosen)} rows={entries} id={({ id }) => id} more={more} />}
      </Card>
      {chosen && (
        <EntryDrawer
          entry={chosen}
          onClose={() => setChosen(undefined)}
          onHistory={(resource) => {
            setChosen(undefined);
            onChange({ ...search, resource_id: [resource] });
          }}
        />
      )}
      {proving && ofOrganization && <CheckpointDialog organization={ofOrganization} onClose={() => setProving(false)} />}
    </>
  );
}

function columns(places: Map<string, string> | undefined, open: (entry: AuditEntry) => void): Column<AuditEntry>[] {
  return [
    {
      name: 'What',
      main: true,
      cell: (entry) => (
        <div>
          <AriaButton className="plain-link" onPress={() => open(entry)}>
            {title(entry.action.type ?? 'action')} {title(entry.resource.type ?? 'resource').toLowerCase()}
          </AriaButton>
          <div className="small soft">{subject(entry) ?? entry.resource.id}</div>
        </div>
      ),
    },
    { name: 'Who', cell: ({ actor }) => actor.email ?? title(actor.type ?? 'unknown') },
    { name: 'Where', cell: ({ organization, account }) => (organization ? (places?.get(organization.id) ?? organization.id) : (account?.id ?? 'The server')) },
    { name: 'When', cell: ({ action }) => <Time at={action.time} exact /> },
    { name: 'Result', cell: (entry) => <Result entry={entry} /> },
  ];
}
