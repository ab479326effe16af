import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { mine, NO_RIGHTS } from '../api/access';
import type { BillingPeriod } from '../api/types';
import { ErrorNote } from '../ui/ErrorNote';
import { type Deed, Menu } from '../ui/Menu';
import { Badge, Card, Loading, Note, type Tone } from '../ui/Parts';
import { type Column, Table } from '../ui/Table';
import { Time } from '../ui/Time';
import { Bar } from '../usage/Bar';
import { monthName } from '../usage/month';
import { useShown } from '../usage/shown';
import { hasEnded, periods as periodsQuery, withRecent } from './api';
import { usePeriodDeeds } from './usePeriodDeeds';
import { rootOf } from './root';

/** The months of an organization, and how far each is where it is a root. */
export function Periods() {
  const organization = useShown();
  const root = rootOf(organization);
  return (
    <>
      <Bar />
      {root === organization.id ? <OfRoot root={root} /> : <Below organization={organization.id} root={root} />}
    </>
  );
}

function OfRoot({ root }: { root: string }) {
  const { data, error, isPending } = useQuery(periodsQuery(root));
  const rights = useQuery(mine(root)).data ?? NO_RIGHTS;
  const deeds = usePeriodDeeds(root, rights);
  return (
    <Card title="Months" flush>
      <p className="body soft">Until a month is closed, whatever comes late is added to it. Closing it makes its invoices; nothing changes them any more. {!rights.may('manage_prices') && 'Operators of the server close months.'}</p>
      <ErrorNote error={error} />
      {isPending && <Loading />}
      {data && <Table label="Months" columns={[monthOf(root), ...STATE, actions(deeds.of)]} rows={withRecent(data, new Date())} id={(period) => period.billing_period} />}
      {deeds.dialog}
    </Card>
  );
}

/** Months are closed for a whole tree; whoever sees a part of it sees the invoices of that part. */
function Below({ organization, root }: { organization: string; root: string }) {
  return (
    <Card title="Months" flush>
      <div className="body">
        <Note>
          Months are closed for a whole tree, at its root.{' '}
          <Link to="/usage/invoices" search={{ organization: root }}>
            See the months of the root
          </Link>
        </Note>
      </div>
      <Table label="Months" columns={[monthOf(organization)]} rows={withRecent([], new Date())} id={(period) => period.billing_period} />
    </Card>
  );
}

const monthOf = (organization: string): Column<BillingPeriod> => ({
  name: 'Month',
  main: true,
  cell: ({ billing_period }) => (
    <Link to="/usage/invoices/$month" params={{ month: billing_period }} search={{ organization }}>
      {monthName(billing_period)}
    </Link>
  ),
});

const STATE: Column<BillingPeriod>[] = [
  { name: 'State', cell: (period) => <State period={period} /> },
  { name: 'Closed', cell: ({ close_time }) => (close_time ? <Time at={close_time} /> : <span className="soft">–</span>) },
];

const actions = (of: (period: BillingPeriod) => Deed[]): Column<BillingPeriod> => ({
  name: 'Actions',
  heading: 'hidden',
  align: 'end',
  cell: (period) => <Menu label={`Actions for ${monthName(period.billing_period)}`} deeds={of(period)} />,
});

const STATES: Record<BillingPeriod['state'], [string, Tone]> = { open: ['Open', 'warning'], closing: ['Closing', 'info'], closed: ['Closed', 'good'] };

/** How far a month is. */
export function State({ period }: { period: BillingPeriod }) {
  const [name, tone]: [string, Tone] = hasEnded(period, new Date()) ? STATES[period.state] : ['Running', 'plain'];
  return <Badge tone={tone}>{name}</Badge>;
}
