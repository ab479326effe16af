import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { ChevronLeft } from 'lucide-react';
import { names } from '../api/organizations';
import type { Invoice, InvoiceLine } from '../api/types';
import { ErrorNote } from '../ui/ErrorNote';
import { Card, Copyable, Loading } from '../ui/Parts';
import { type Column, Table } from '../ui/Table';
import { decimal, money } from '../usage/money';
import { monthName } from '../usage/month';
import { useShown } from '../usage/shown';
import { invoice as invoiceQuery } from './api';

const route = getRouteApi('/signed-in/usage/invoices/$month/$invoice');

/** What an account owes for a month, line by line. */
export function InvoicePage() {
  const { month, invoice: id } = route.useParams();
  const organization = useShown().id;
  const { data, error, isPending } = useQuery(invoiceQuery(organization, id));
  return (
    <>
      <div className="row">
        <Link className="button" to="/usage/invoices/$month" params={{ month }} search={{ organization }}>
          <ChevronLeft aria-hidden /> All invoices of {monthName(month)}
        </Link>
      </div>
      <ErrorNote error={error} />
      {isPending && <Loading />}
      {data && (
        <>
          <About invoice={data} />
          <Lines invoice={data} lines={data.lines ?? []} />
        </>
      )}
    </>
  );
}

function About({ invoice }: { invoice: Invoice }) {
  const { id, billing_period, account_id, account_name, organization_id, currency, exact_cost, total } = invoice;
  const place = useQuery(names([organization_id])).data?.get(organization_id);
  return (
    <Card title={`Invoice for ${monthName(billing_period)}`}>
      <div className="figure">
        <span className="soft">To be paid</span>
        <strong className="number" data-testid="total">
          {money(decimal(total), currency)}
        </strong>
      </div>
      <dl className="facts">
        <dt>Account</dt>
        <dd>
          <Link to="/accounts/$id" params={{ id: account_id }}>
            {account_name}
          </Link>
        </dd>
        <dt>Stood in</dt>
        <dd>
          <Link to="/organizations/$id" params={{ id: organization_id }}>
            {place ?? organization_id}
          </Link>
        </dd>
        <dt>Exact sum</dt>
        <dd className="number">{money(decimal(exact_cost), currency)}</dd>
        <dt>Id</dt>
        <dd>
          <Copyable text={id} what="the id" />
        </dd>
      </dl>
    </Card>
  );
}

function Lines({ invoice: { currency, exact_cost, total }, lines }: { invoice: Invoice; lines: InvoiceLine[] }) {
  return (
    <Card flush>
      <Table
        label="Lines"
        columns={columns(currency)}
        rows={lines}
        id={({ metric_id, correction_of }) => `${metric_id} ${correction_of ?? ''}`}
        footer={
          <tfoot>
            <tr>
              <td data-main>Total</td>
              <td className="end number">{money(decimal(exact_cost), currency)}</td>
              <td className="end number" data-testid="table-total">
                {money(decimal(total), currency)}
              </td>
            </tr>
          </tfoot>
        }
      />
    </Card>
  );
}

function columns(currency: string): Column<InvoiceLine>[] {
  return [
    {
      name: 'For',
      main: true,
      cell: ({ metric_name, correction_of }) => (
        <>
          {metric_name}
          {correction_of && <span className="meaning">Correction of {monthName(correction_of)}</span>}
        </>
      ),
    },
    { name: 'Exact', align: 'end', cell: ({ exact_cost }) => <span className="number soft">{money(decimal(exact_cost), currency)}</span> },
    { name: 'Amount', align: 'end', cell: ({ amount }) => <span className="number">{money(decimal(amount), currency)}</span> },
  ];
}
