import { fileURLToPath } from 'node:url';
import { ACME, DEEP, EUROPE, expect, OPERATOR, organization, settled, test, type Page } from './harness/test';

/** They change with every run, so that those of the documentation are made when that is asked for: UPDATE=1. */
const IMAGES = fileURLToPath(new URL(process.env['UPDATE'] ? '../../docs/images/' : '.results/images/', import.meta.url));
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
  ['account', '/accounts/0194ef5f7c807d8e91b7584a2265b1f5'],
  [
    'audit',
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

const ON_A_PHONE = ['tree', 'organization', 'audit', 'usage', 'you'];

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
        const id = await organization(world, 'Porto', EUROPE);
        await world.ask('PUT', `/client/v4/organizations/${id}`, { name: 'Porto Roastery' });
        await visit(OPERATOR, path);
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
        if (!narrow || name !== 'audit') await act?.(page);
        await settled(page);
        await page.screenshot({ path: `${IMAGES}console-${name}-${theme}${narrow ? '-narrow' : ''}.png` });
        await world.ask('DELETE', `/client/v4/organizations/${id}`);
      });
    }
  });
}
