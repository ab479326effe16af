import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { ChevronLeft, ReceiptText } from 'lucide-react';
import { mine, NO_RIGHTS } from '../api/access';
import { names } from '../api/organizations';
import type { BillingPeriod, Invoice } from '../api/types';
import { Downloads } from '../ui/Downloads';
import { ErrorNote } from '../ui/ErrorNote';
import { Menu } from '../ui/Menu';
import { Card, Copyable, Empty, Loading } from '../ui/Parts';
import { type Column, Table } from '../ui/Table';
import { Time } from '../ui/Time';
import { usePages } from '../ui/usePages';
import { focusAddress } from '../usage/api';
import { Bar } from '../usage/Bar';
import { decimal, money, sum } from '../usage/money';
import { monthName } from '../usage/month';
import { useShown } from '../usage/shown';
import { invoicesOf, open, periods as periodsQuery } from './api';
import { State } from './Periods';
import { rootOf } from './root';
import { usePeriodDeeds } from './usePeriodDeeds';

const route = getRouteApi('/signed-in/usage/invoices/$month');

/** The invoices of a month, and what the month is where the organization is a root. */
export function Invoices() {
  const { month } = route.useParams();
  const organization = useShown();
  const { id } = organization;
  const isRoot = rootOf(organization) === id;
  const { data: known, error } = useQuery({ ...periodsQuery(id), enabled: isRoot });
  const period = known && (known.find(({ billing_period }) => billing_period === month) ?? open(month));
  return (
    <>
      <Bar>
        <Link className="button" to="/usage/invoices" search={{ organization: id }}>
          <ChevronLeft aria-hidden /> All months
        </Link>
        <Downloads
          label="Download"
          files={(['csv', 'parquet'] as const).map((format) => ({
            name: format === 'csv' ? 'FOCUS as CSV' : 'FOCUS as Parquet',
            href: focusAddress(id, { billing_period: month }, format),
            as: `focus-${month}.${format}`,
          }))}
        />
      </Bar>
      <ErrorNote error={error} />
      {period && <Period root={id} period={period} />}
      {(period || !isRoot) && <List organization={id} month={month} state={period?.state} />}
    </>
  );
}

function Period({ root, period }: { root: string; period: BillingPeriod }) {
  const rights = useQuery(mine(root)).data ?? NO_RIGHTS;
  const deeds = usePeriodDeeds(root, rights);
  return (
    <Card title={monthName(period.billing_period)} actions={<Menu label="Actions" deeds={deeds.of(period)} />}>
      <dl className="facts">
        <dt>State</dt>
        <dd>
          <State period={period} />
        </dd>
        {period.close_time && (
          <>
            <dt>Closed</dt>
            <dd>
              <Time at={period.close_time} />
            </dd>
          </>
        )}
        {period.content_hash && (
          <>
            <dt>Hash of what is invoiced</dt>
            <dd>
              <Copyable text={period.content_hash} what="the hash" />
            </dd>
          </>
        )}
      </dl>
      {deeds.dialog}
    </Card>
  );
}

/** When the state of the month becomes another one, so do its invoices. */
function List({ organization, month, state }: { organization: string; month: string; state: BillingPeriod['state'] | undefined }) {
  const { items, error, more } = usePages(['invoices', organization, month, state], (token) => invoicesOf(organization, month, token));
  const places = useQuery(names((items ?? []).map((one) => one.organization_id))).data;
  return (
    <>
      <ErrorNote error={error} />
      {!items && !error && <Loading />}
      {items?.length === 0 && (
        <Card>
          <Empty picture={ReceiptText} title="No invoices">
            They are made when the month is closed: one for each account that has a price in it, each organization that the account stood in, and each currency.
          </Empty>
        </Card>
      )}
      {items && items.length > 0 && (
        <Card title={`Invoices of ${monthName(month)}`} flush>
          <Table
            label="Invoices"
            columns={columns(organization, places)}
            rows={items}
            id={(invoice) => invoice.id}
            more={more}
            footer={!more && <Totals invoices={items} />}
          />
        </Card>
      )}
    </>
  );
}

function columns(organization: string, places: Map<string, string> | undefined): Column<Invoice>[] {
  return [
    {
      name: 'Account',
      main: true,
      cell: ({ id, account_name, billing_period }) => (
        <Link to="/usage/invoices/$month/$invoice" params={{ month: billing_period, invoice: id }} search={{ organization }}>
          {account_name}
        </Link>
      ),
    },
    { name: 'Stood in', cell: ({ organization_id }) => places?.get(organization_id) ?? <code>{organization_id}</code> },
    { name: 'Total', align: 'end', cell: ({ total, currency }) => <span className="number">{money(decimal(total), currency)}</span> },
  ];
}

/** What all invoices come to, in each currency. */
function Totals({ invoices }: { invoices: Invoice[] }) {
  const currencies = [...new Set(invoices.map(({ currency }) => currency))].sort();
  return (
    <tfoot>
      {currencies.map((currency) => (
        <tr key={currency}>
          <td data-main>Total</td>
          <td />
          <td className="end number" data-testid="invoiced">
            {money(sum(invoices.filter((one) => one.currency === currency).map(({ total }) => decimal(total))), currency)}
          </td>
        </tr>
      ))}
    </tfoot>
  );
}
