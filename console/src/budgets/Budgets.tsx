import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Pencil, Plus, Trash2, Wallet } from 'lucide-react';
import { useState } from 'react';
import { mine, NO_RIGHTS } from '../api/access';
import type { Budget } from '../api/types';
import { Button } from '../ui/Button';
import { ErrorNote } from '../ui/ErrorNote';
import { type Deed, Menu } from '../ui/Menu';
import { Card, Empty, Loading } from '../ui/Parts';
import { type Column, Table } from '../ui/Table';
import { count } from '../ui/words';
import { costs as costsQuery } from '../usage/api';
import { Bar } from '../usage/Bar';
import { type Decimal, sum } from '../usage/money';
import { monthName, monthToDate } from '../usage/month';
import { useShown } from '../usage/shown';
import { budgets as budgetsQuery } from './api';
import { DeleteDialog, EditDialog } from './dialogs';
import { Spent, Thresholds } from './Spent';

type Doing = { what: 'edit'; budget?: Budget } | { what: 'delete'; budget: Budget };

/** What an organization means to spend in each month, and how much of it is spent. */
export function Budgets() {
  const { id } = useShown();
  const rights = useQuery(mine(id)).data ?? NO_RIGHTS;
  const budgets = useQuery(budgetsQuery(id));
  const costs = useQuery(costsQuery(id, monthToDate(new Date()), 'day'));
  const [doing, setDoing] = useState<Doing>();
  const close = () => setDoing(undefined);
  const mayChange = rights.may('update_organization');
  const deeds = (budget: Budget): Deed[] => [
    { name: 'Change', picture: Pencil, run: () => setDoing({ what: 'edit', budget }) },
    { name: 'Delete', picture: Trash2, tone: 'danger', run: () => setDoing({ what: 'delete', budget }) },
  ];
  const billed = ({ currency }: Budget) => costs.data && sum(costs.data.filter((cost) => cost.currency === currency).map((cost) => cost.billed));
  const create = mayChange && (
    <Button tone="primary" onPress={() => setDoing({ what: 'edit' })}>
      <Plus aria-hidden /> New budget
    </Button>
  );
  return (
    <>
      <Bar />
      <ErrorNote error={budgets.error ?? costs.error} />
      {(budgets.isPending || costs.isLoading) && <Loading />}
      {budgets.data?.length === 0 && <NoBudgets create={create} />}
      {budgets.data && budgets.data.length > 0 && !costs.isLoading && (
        <Card title={count(budgets.data.length, 'budget')} flush actions={create}>
          <Table label="Budgets" columns={columns(billed, rights.may('read_audit_log'), mayChange ? deeds : undefined)} rows={budgets.data} id={(budget) => budget.id} />
        </Card>
      )}
      {doing?.what === 'edit' && <EditDialog organization={id} budget={doing.budget} onClose={close} />}
      {doing?.what === 'delete' && <DeleteDialog budget={doing.budget} onClose={close} />}
    </>
  );
}

function columns(billed: (budget: Budget) => Decimal | undefined, mayReadLog: boolean, deeds: ((budget: Budget) => Deed[]) | undefined): Column<Budget>[] {
  return [
    { name: 'Budget', main: true, cell: ({ name }) => name },
    { name: 'This month', cell: (budget) => <Spent budget={budget} billed={billed(budget)} /> },
    { name: 'Thresholds', cell: (budget) => <Thresholds budget={budget} billed={billed(budget)} /> },
    { name: 'In the log', cell: (budget) => <Told budget={budget} mayReadLog={mayReadLog} /> },
    ...(deeds ? [{ name: 'Actions', heading: 'hidden' as const, align: 'end' as const, cell: (budget: Budget) => <Menu label={`Actions for ${budget.name}`} deeds={deeds(budget)} /> }] : []),
  ];
}

/** Which threshold the audit log told of last. */
function Told({ budget: { id, organization_id, reached, reached_in }, mayReadLog }: { budget: Budget; mayReadLog: boolean }) {
  if (reached === undefined || reached_in === undefined) return <span className="soft">Nothing yet</span>;
  const told = `${reached} % in ${monthName(reached_in)}`;
  return mayReadLog ? (
    <Link to="/audit" search={{ organization: organization_id, resource_id: [id] }}>
      {told}
    </Link>
  ) : (
    told
  );
}

function NoBudgets({ create }: { create: React.ReactNode }) {
  return (
    <Card>
      <Empty picture={Wallet} title="No budgets" action={create}>
        A budget says what the organization, with everything below it, means to spend in each month. When what is billed reaches one of its thresholds, an entry comes into the audit log, and goes out by its
        streams to whoever should know.
      </Empty>
    </Card>
  );
}
