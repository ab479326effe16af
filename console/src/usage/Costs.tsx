import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { ChartColumn } from 'lucide-react';
import { lazy, Suspense, useMemo } from 'react';
import { Downloads } from '../ui/Downloads';
import { ErrorNote } from '../ui/ErrorNote';
import { Card, Empty, Loading } from '../ui/Parts';
import { Select } from '../ui/Select';
import { type Column, Table } from '../ui/Table';
import { title } from '../ui/words';
import { type Cost, costs as costsQuery, focusAddress, recordsAddress } from './api';
import { Bar } from './Bar';
import { money, type Decimal, ZERO } from './money';
import { monthToDate, type Span } from './month';
import { Months } from './Months';
import { type Group, GROUPS, type UsageSearch } from './search';
import { daysOf, type Series, summarize } from './series';
import { useShown } from './shown';

const Chart = lazy(() => import('./Chart'));
const route = getRouteApi('/signed-in/usage');
const DEFAULT_GROUP: Group = 'account';

/** What an organization and everything below it cost: a chart of days and a table that add up to the same digit. */
export function Costs() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const organization = useShown().id;
  const change = (next: UsageSearch) => void navigate({ search: { ...search, ...next }, replace: true, resetScroll: false });
  const month = useMemo(() => monthToDate(new Date()), []);
  const span: Span = search.from && search.to ? { from: search.from, to: search.to } : month;
  const group = search.group_by ?? DEFAULT_GROUP;
  const query = useQuery(costsQuery(organization, span, group));
  return (
    <>
      <Bar>
        <Months span={span} onChange={change} />
        <Select label="Split by" labelled="hidden" choices={GROUPS.map((id) => ({ id, name: `By ${title(id).toLowerCase()}` }))} value={group} onChange={(id) => change({ group_by: id as Group })} />
        <Downloads
          label="Download"
          files={[
            { name: 'FOCUS as CSV', href: focusAddress(organization, span, 'csv'), as: 'focus.csv' },
            { name: 'FOCUS as Parquet', href: focusAddress(organization, span, 'parquet'), as: 'focus.parquet' },
            { name: 'Records as JSON', href: recordsAddress(organization, span), as: 'usage.json' },
          ]}
        />
      </Bar>
      <ErrorNote error={query.error} />
      {query.isPending && <Loading />}
      {query.data?.length === 0 && <NothingMetered />}
      {query.data && query.data.length > 0 && currencies(query.data).map((currency) => <InCurrency key={currency} costs={query.data} currency={currency} span={span} group={group} />)}
    </>
  );
}

/** Sums of different currencies are no sum: each has a chart and a table of its own. */
function currencies(all: Cost[]): string[] {
  return [...new Set(all.map(({ currency }) => currency))].sort();
}

function InCurrency({ costs: all, currency, span, group }: { costs: Cost[]; currency: string; span: Span; group: Group }) {
  const summary = useMemo(
    () => summarize(all.filter((cost) => cost.currency === currency), daysOf(span.from, span.to)),
    [all, currency, span.from, span.to],
  );
  const rows = group === 'day' ? summary.days.map(({ day, total }) => ({ id: day, name: day, total, color: '--series-1' })) : summary.groups;
  return (
    <>
      <Card>
        <div className="figure">
          <span className="soft">Billed in this time</span>
          <strong className="number" data-testid="total">
            {money(summary.total, currency)}
          </strong>
        </div>
        <Suspense fallback={<Loading />}>
          <Chart summary={summary} currency={currency} />
        </Suspense>
        {group !== 'day' && <Legend drawn={summary.drawn} />}
      </Card>
      <Card flush>
        <Table label={`Costs in ${currency}`} columns={columns(group, currency, summary.total)} rows={rows} id={({ id }) => id} footer={<Total total={summary.total} currency={currency} />} />
      </Card>
    </>
  );
}

function Legend({ drawn }: { drawn: Series[] }) {
  return (
    <ul className="legend">
      {drawn.map(({ id, name, color }) => (
        <li key={id}>
          <span className="swatch" style={{ background: `var(${color})` }} />
          <span className="clip">{name}</span>
        </li>
      ))}
    </ul>
  );
}

function columns(group: Group, currency: string, total: Decimal): Column<Series>[] {
  return [
    {
      name: title(group),
      main: true,
      cell: ({ name, color }) => (
        <span className="row">
          <span className="swatch" style={{ background: `var(${color})` }} />
          {name}
        </span>
      ),
    },
    {
      name: 'Share',
      align: 'end',
      cell: ({ total: part }) => <span className="number soft">{total.eq(ZERO) ? '–' : `${part.times(100).div(total).toFixed(1)} %`}</span>,
    },
    { name: 'Billed', align: 'end', cell: ({ total: part }) => <span className="number">{money(part, currency)}</span> },
  ];
}

function Total({ total, currency }: { total: Decimal; currency: string }) {
  return (
    <tfoot>
      <tr>
        <td data-main>Total</td>
        <td />
        <td className="end number" data-testid="table-total">
          {money(total, currency)}
        </td>
      </tr>
    </tfoot>
  );
}

function NothingMetered() {
  return (
    <Card>
      <Empty picture={ChartColumn} title="Nothing was metered in this time">
        Give the server a metric and a price, then let your product send an event for each use. What they come to shows here the same moment.
      </Empty>
    </Card>
  );
}
