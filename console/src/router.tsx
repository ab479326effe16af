import type { QueryClient } from '@tanstack/react-query';
import { createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { validateAuditSearch } from './audit/search';
import { session } from './api/session';
import { NotFound, PageError } from './shell/PageError';
import { Shell } from './shell/Shell';
import { Loading } from './ui/Parts';
import { validateUsageSearch } from './usage/search';

type Text = Record<string, string | string[]>;

/** The query of an address as the API reads it: what is repeated is a list. */
function parseSearch(search: string): Text {
  const parsed: Text = {};
  for (const [name, value] of new URLSearchParams(search)) {
    const before = parsed[name];
    parsed[name] = before === undefined ? value : [before, value].flat();
  }
  return parsed;
}

function stringifySearch(search: Record<string, unknown>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    for (const one of [value].flat()) if (one !== undefined && one !== '') query.append(name, String(one));
  }
  const text = query.toString();
  return text && `?${text}`;
}

const one = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

const root = createRootRouteWithContext<{ queryClient: QueryClient }>()({ notFoundComponent: NotFound });

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  component: lazyRouteComponent(() => import('./session/SignIn'), 'SignIn'),
});

const signedIn = createRoute({
  getParentRoute: () => root,
  id: 'signed-in',
  beforeLoad: async ({ context, location }) => {
    const found = await context.queryClient.ensureQueryData(session);
    if (!found) throw redirect({ to: '/sign-in', state: { then: location.href } });
    return { session: found };
  },
  component: Shell,
});

const within = { getParentRoute: () => signedIn };

const home = createRoute({
  ...within,
  path: '/',
  validateSearch: (search: Text): { selected?: string } => (one(search['selected']) ? { selected: String(search['selected']) } : {}),
  component: lazyRouteComponent(() => import('./tree/TreePage'), 'TreePage'),
});

const organization = createRoute({
  ...within,
  path: '/organizations/$id',
  component: lazyRouteComponent(() => import('./organization/OrganizationPage'), 'OrganizationPage'),
});

const ofOrganization = { getParentRoute: () => organization };
const overview = createRoute({ ...ofOrganization, path: '/', component: lazyRouteComponent(() => import('./organization/Overview'), 'Overview') });
const members = createRoute({ ...ofOrganization, path: '/members', component: lazyRouteComponent(() => import('./organization/Members'), 'Members') });
const access = createRoute({ ...ofOrganization, path: '/access', component: lazyRouteComponent(() => import('./organization/Access'), 'Access') });
const invitations = createRoute({ ...ofOrganization, path: '/invitations', component: lazyRouteComponent(() => import('./organization/Invitations'), 'Invitations') });
const accounts = createRoute({ ...ofOrganization, path: '/accounts', component: lazyRouteComponent(() => import('./organization/Accounts'), 'Accounts') });
const roles = createRoute({ ...ofOrganization, path: '/roles', component: lazyRouteComponent(() => import('./organization/Roles'), 'Roles') });

const account = createRoute({ ...within, path: '/accounts/$id', component: lazyRouteComponent(() => import('./account/AccountPage'), 'AccountPage') });
const audit = createRoute({
  ...within,
  path: '/audit',
  validateSearch: validateAuditSearch,
  component: lazyRouteComponent(() => import('./audit/AuditPage'), 'AuditPage'),
});
const usage = createRoute({
  ...within,
  path: '/usage',
  validateSearch: validateUsageSearch,
  component: lazyRouteComponent(() => import('./usage/UsagePage'), 'UsagePage'),
});
const ofUsage = { getParentRoute: () => usage };
const costs = createRoute({ ...ofUsage, path: '/', component: lazyRouteComponent(() => import('./usage/Costs'), 'Costs') });
const budgets = createRoute({ ...ofUsage, path: '/budgets', component: lazyRouteComponent(() => import('./budgets/Budgets'), 'Budgets') });
const periods = createRoute({ ...ofUsage, path: '/invoices', component: lazyRouteComponent(() => import('./billing/Periods'), 'Periods') });
const invoices = createRoute({ ...ofUsage, path: '/invoices/$month', component: lazyRouteComponent(() => import('./billing/Invoices'), 'Invoices') });
const invoice = createRoute({ ...ofUsage, path: '/invoices/$month/$invoice', component: lazyRouteComponent(() => import('./billing/InvoicePage'), 'InvoicePage') });
const tokens = createRoute({ ...within, path: '/tokens', component: lazyRouteComponent(() => import('./tokens/TokensPage'), 'TokensPage') });
const users = createRoute({ ...within, path: '/users', component: lazyRouteComponent(() => import('./users/UsersPage'), 'UsersPage') });
const server = createRoute({ ...within, path: '/server', component: lazyRouteComponent(() => import('./server/ServerPage'), 'ServerPage') });
const you = createRoute({ ...within, path: '/you', component: lazyRouteComponent(() => import('./session/YouPage'), 'YouPage') });
const invitation = createRoute({ ...within, path: '/invitations', component: lazyRouteComponent(() => import('./session/InvitationPage'), 'InvitationPage') });

const routeTree = root.addChildren([
  signIn,
  signedIn.addChildren([
    home,
    organization.addChildren([overview, members, access, invitations, accounts, roles]),
    account,
    audit,
    usage.addChildren([costs, budgets, periods, invoices, invoice]),
    tokens,
    users,
    server,
    you,
    invitation,
  ]),
]);

/** The pages of the console, below the path that the server gives it. */
export function makeRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree,
    basepath: '/console',
    context: { queryClient },
    parseSearch,
    stringifySearch,
    defaultPreload: 'intent',
    defaultPendingComponent: Loading,
    defaultErrorComponent: PageError,
    scrollRestoration: true,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }

  interface HistoryState {
    /** Where to go after signing in. It is no part of the address: that may have the secret of an invitation in it. */
    then?: string;
  }
}
