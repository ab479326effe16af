import type { ServerWorker } from '../api/types';
import { Badge, Card } from '../ui/Parts';
import { type Column, Table } from '../ui/Table';
import { Time } from '../ui/Time';
import { sentence, title } from '../ui/words';

/** What works behind the requests, and what each did last. */
export function Workers({ workers }: { workers: ServerWorker[] }) {
  return (
    <Card title="Workers" flush>
      <Table label="Workers" columns={COLUMNS} rows={workers} id={({ name }) => name} />
    </Card>
  );
}

/** What each is for. */
const FOR: Record<string, string> = {
  entries: 'Writes down refused attempts and views',
  trees: 'Has the trees of the audit log grow',
  digests: 'Notes what is in long audit logs, so that filters are quick',
  streams: 'Delivers the audit log to its streams',
  retention: 'Deletes entries that were kept for long enough',
  erasures: 'Erases what is personal, where that is ordered',
  invoices: 'Makes the invoices of closed months',
  budgets: 'Looks whether budgets are reached',
  housekeeping: 'Notes uses of credentials, and forgets what has expired',
  mail: 'Sends invitations',
};

const NEVER = <span className="soft">Nothing yet</span>;
const NO_ERROR = <span className="soft">None</span>;

const COLUMNS: Column<ServerWorker>[] = [
  {
    name: 'Worker',
    main: true,
    cell: ({ name }) => (
      <>
        {title(name)}
        <span className="meaning">{FOR[name]}</span>
      </>
    ),
  },
  { name: 'State', cell: ({ state }) => (state === 'running' ? <Badge tone="good">Running</Badge> : <Badge tone="bad">Ended</Badge>) },
  { name: 'Last done', cell: ({ last_time }) => (last_time ? <Time at={last_time} exact /> : NEVER) },
  { name: 'Last error', cell: ({ last_error }) => (last_error ? <LastError error={last_error} /> : NO_ERROR) },
];

function LastError({ error: { time, message } }: { error: NonNullable<ServerWorker['last_error']> }) {
  return (
    <>
      {sentence(message)}
      <span className="meaning">
        <Time at={time} exact />
      </span>
    </>
  );
}
