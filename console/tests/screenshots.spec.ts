import { fileURLToPath } from 'node:url';
import { ACME, DEEP, EUROPE, expect, METERED, OPERATOR, organization, PASSWORD, question, settled, test, type Page, type World } from './harness/test';

/** They change with every run, so that those of the documentation are made when that is asked for: UPDATE=1. */
const IMAGES = fileURLToPath(new URL(process.env['UPDATE'] ? '../../docs/images/' : '.results/images/', import.meta.url));
const ACCOUNT = '0194ef5f7c807d8e91b7584a2265b1f5';
const LISBON = '0194ef4d2d00793bbc23d710cfc9c11b';

const VIEWS: [string, string, ((page: Page) => Promise<void>)?][] = [
  ['tree', `/?selected=${LISBON}`],
  [
    'move',
    `/?selected=${LISBON}`,
    async (page) => {
      await page.getByRole('button', { name: 'Move', exact: true }).click();
      await page.getByRole('searchbox', { name: 'Search the new parent' }).fill('americas');
      await page.getByRole('option', { name: 'Acme Americas' }).click();
      await expect(page.getByTestId('effect')).toContainText('Gains access');
    },
  ],
  ['organization', `/organizations/${ACME}`],
  ['access', `/organizations/${LISBON}/access`],
  ['account', `/accounts/${ACCOUNT}`],
  ['audit', `/audit?organization=${ACME}&action_type=create&action_type=update&actor_type.not=system`],
  [
    'entry',
    `/audit?organization=${ACME}&action_type=create&action_type=update&actor_type.not=system`,
    async (page) => {
      await page.getByRole('button', { name: 'Update organization', exact: true }).first().click();
      await expect(page.getByRole('region', { name: 'Proof' })).toContainText('Proved');
    },
  ],
  [
    'usage',
    `/usage?organization=${ACME}&from=2026-09-01&to=2026-09-30`,
    async (page) => {
      await page.locator('.recharts-bar').first().locator('.recharts-bar-rectangle').nth(10).hover();
      await expect(page.locator('.told')).toBeVisible();
    },
  ],
  ['budgets', `/usage/budgets?organization=${ACME}`],
  ['months', `/usage/invoices?organization=${ACME}`],
  [
    'close',
    `/usage/invoices?organization=${ACME}`,
    async (page) => {
      await page.getByRole('row').filter({ hasText: 'Open' }).first().getByRole('button').click();
      await page.getByRole('menuitem', { name: 'Close the month' }).click();
      await expect(question(page)).toContainText('It cannot be opened again');
    },
  ],
  ['invoices', `/usage/invoices/${METERED}?organization=${ACME}`],
  [
    'invoice',
    `/usage/invoices/${METERED}?organization=${ACME}`,
    async (page) => {
      await page.getByRole('table', { name: 'Invoices' }).getByRole('link').first().click();
      await expect(page.getByRole('table', { name: 'Lines' })).toBeVisible();
    },
  ],
  ['users', '/users'],
  ['you', '/you'],
  [
    'second-factor',
    '/you',
    async (page) => {
      await page.getByRole('button', { name: 'Add one' }).click();
      await expect(page.getByRole('img', { name: 'The secret for an authenticator' })).toBeVisible();
    },
  ],
  ['server', '/server'],
];

/** Somebody with a few sessions, whose page is shown. */
const INES = 'ines@acme.example';
const PHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1';
const ABOUT_INES = ['you', 'second-factor'];

/** What happened in the company before the images: once in each world. */
const prepared = new Map<World, Promise<void>>();
async function prepare(world: World) {
  const porto = await organization(world, 'Porto', EUROPE);
  await world.ask('PUT', `/client/v4/organizations/${porto}`, { name: 'Porto Roastery' });
  await world.person(INES, 'Ines Duarte', { role: 'administrator', at: porto });
  await world.meter(ACME, { type: 'com.example.egress', subject: ACCOUNT, time: new Date().toISOString(), data: { quantity: '820123.125' } });
  await world.ask('POST', `/umbel/v1/organizations/${ACME}/budgets`, { name: 'Delivery', amount: '15000', thresholds: [50, 75, 90, 100, 110] });
  await world.ask('POST', `/umbel/v1/organizations/${ACME}/budgets`, { name: 'Offices', amount: '1200', currency: 'EUR' });
  const session = { method: 'POST', headers: { origin: world.url, 'content-type': 'application/json', 'user-agent': PHONE }, body: JSON.stringify({ email: INES, password: PASSWORD }) };
  expect((await fetch(`${world.url}/umbel/v1/session`, session)).status).toBe(200);
}

const ON_A_PHONE = ['tree', 'organization', 'audit', 'entry', 'usage', 'budgets', 'invoice', 'you'];

test.describe.configure({ mode: 'serial' });

for (const { theme, width, height } of [
  { theme: 'light', width: 1280, height: 800 },
  { theme: 'dark', width: 1280, height: 800 },
  { theme: 'light', width: 360, height: 780 },
] as const) {
  test.describe(`${theme} ${width}`, DEEP, () => {
    test.use({ colorScheme: theme, viewport: { width, height } });
    const narrow = width < 1280;

    for (const [name, path, act] of VIEWS.filter(([view]) => !narrow || ON_A_PHONE.includes(view))) {
      test(name, async ({ page, visit, world }) => {
        if (!prepared.has(world)) prepared.set(world, prepare(world));
        await prepared.get(world);
        await visit(ABOUT_INES.includes(name) ? INES : OPERATOR, path);
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
        await act?.(page);
        await settled(page);
        await page.screenshot({ path: `${IMAGES}console-${name}-${theme}${narrow ? '-narrow' : ''}.png` });
        // The next image begins with the same sessions.
        await page.request.delete('/umbel/v1/session', { headers: { origin: world.url } });
      });
    }
  });
}
