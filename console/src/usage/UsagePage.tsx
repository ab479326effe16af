import { getRouteApi, Link, Outlet } from '@tanstack/react-router';
import { Building2 } from 'lucide-react';
import { Scoped, useScope } from '../organization/ScopePicker';
import { Page } from '../ui/Page';
import { Card, Empty } from '../ui/Parts';
import { Shown } from './shown';
import './usage.css';

const route = getRouteApi('/signed-in/usage');

/** What an organization and everything below it use and cost, mean to spend, and are invoiced. */
export function UsagePage() {
  const scope = useScope(route.useSearch().organization);
  const { organization } = scope;
  return (
    <Page title="Usage and cost" lead="What was metered, at the prices of the day, for the organization and everything below it.">
      <Scoped scope={scope} none={<NoScope />}>
        {organization && (
          <Shown.Provider value={organization}>
            <Tabs organization={organization.id} />
            <Outlet />
          </Shown.Provider>
        )}
      </Scoped>
    </Page>
  );
}

function Tabs({ organization }: { organization: string }) {
  const tab = { search: { organization }, activeOptions: { includeSearch: false } };
  return (
    <nav className="tabs" aria-label="Parts of usage and cost">
      <Link to="/usage" {...tab} activeOptions={{ exact: true, includeSearch: false }}>
        Costs
      </Link>
      <Link to="/usage/budgets" {...tab}>
        Budgets
      </Link>
      <Link to="/usage/invoices" {...tab}>
        Invoices
      </Link>
    </nav>
  );
}

function NoScope() {
  return (
    <Card>
      <Empty picture={Building2} title="Nothing to count yet">
        Usage and cost belong to organizations, and you see none yet.
      </Empty>
    </Card>
  );
}
