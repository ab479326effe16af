import AxeBuilder from '@axe-core/playwright';
import { ACME, DEEP, EUROPE, expect, METERED, OPERATOR, settled, test, VIEWER, type Page } from './harness/test';

const NARROW = 360;
const NORMAL = 1280;
const WIDE = 3840;

const VIEWS: [string, string, ((page: Page) => Promise<void>)?][] = [
  ['tree', `/?selected=${EUROPE}`],
  ['move', `/?selected=${EUROPE}`, async (page) => page.getByRole('button', { name: 'Move', exact: true }).click()],
  ['palette', '/', async (page) => page.keyboard.press('Control+k')],
  ['organization', `/organizations/${ACME}`],
  ['accounts', `/organizations/${ACME}/accounts`],
  ['members', `/organizations/${ACME}/members`],
  ['access', `/organizations/${EUROPE}/access`],
  ['invitations', `/organizations/${ACME}/invitations`],
  ['roles', `/organizations/${ACME}/roles`],
  ['account', '/accounts/0194ef5f7c807d8e91b7584a2265b1f5'],
  ['account closed without a second factor', '/accounts/0194cb2531c07c21a29f6fbed82c07cd'],
  ['audit', `/audit?organization=${ACME}&actor_type.not=system`],
  ['entry', `/audit?organization=${ACME}`, async (page) => page.getByRole('button', { name: /^Create/ }).first().click()],
  ['usage', `/usage?organization=${ACME}&from=2026-09-01&to=2026-09-30`],
  ['budgets', `/usage/budgets?organization=${ACME}`],
  ['new budget', `/usage/budgets?organization=${ACME}`, async (page) => page.getByRole('button', { name: 'New budget' }).click()],
  ['no budgets', `/usage/budgets?organization=${EUROPE}`],
  ['months', `/usage/invoices?organization=${ACME}`],
  ['months below the root', `/usage/invoices?organization=${EUROPE}`],
  [
    'close a month',
    `/usage/invoices?organization=${ACME}`,
    async (page) => {
      await page.getByRole('row').filter({ hasText: 'Open' }).first().getByRole('button').click();
      await page.getByRole('menuitem', { name: 'Close the month' }).click();
    },
  ],
  ['invoices', `/usage/invoices/${METERED}?organization=${ACME}`],
  [
    'replay',
    `/usage/invoices/${METERED}?organization=${ACME}`,
    async (page) => {
      await page.getByRole('button', { name: 'Actions' }).click();
      await page.getByRole('menuitem', { name: 'Make it again and compare' }).click();
      await expect(page.getByRole('heading', { name: 'It agrees' })).toBeVisible();
    },
  ],
  ['invoice', `/usage/invoices/${METERED}?organization=${ACME}`, async (page) => page.getByRole('table', { name: 'Invoices' }).getByRole('link').first().click()],
  ['tokens', '/tokens'],
  ['users', '/users'],
  [
    'sign-in link',
    '/users',
    async (page) => {
      await page.getByRole('button', { name: `Actions for ${VIEWER}` }).click();
      await page.getByRole('menuitem', { name: 'Make a sign-in link' }).click();
      await page.getByRole('button', { name: 'Make the link' }).click();
      await expect(page.getByTestId('secret')).toBeVisible();
      // React Aria says that the button works, and for some seconds keeps what it said about a button that is gone.
      await expect(page.locator('[data-live-announcer] [role="img"]')).toHaveCount(0);
    },
  ],
  ['server', '/server'],
  ['you', '/you'],
  ['password', '/you', async (page) => page.getByRole('button', { name: 'Change the password' }).click()],
  [
    'second factor',
    '/you',
    async (page) => {
      await page.getByRole('button', { name: 'Add one' }).click();
      await page.getByText('The same as an address').click();
      await expect(page.getByRole('img', { name: 'The secret for an authenticator' })).toBeVisible();
    },
  ],
  ['invitation', '/invitations#token'],
];

test.describe('axe finds nothing serious, and nothing is wider than the window', DEEP, () => {
  test('sign in', async ({ page }) => {
    await page.goto('/console/');
    await expectGood(page);
  });

  for (const [name, path, act] of VIEWS) {
    test(name, async ({ page, visit }) => {
      await visit(OPERATOR, path);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await act?.(page);
      await expectGood(page);
    });
  }
});

/** Looks at a view in both themes, and at how wide it is in windows of three widths. */
async function expectGood(page: Page) {
  await settled(page);
  await expectAccessible(new AxeBuilder({ page }), 'light');
  await page.emulateMedia({ colorScheme: 'dark' });
  await settled(page);
  // Nothing but colours is different.
  await expectAccessible(new AxeBuilder({ page }).withRules(['color-contrast']), 'dark');
  for (const width of [NORMAL, WIDE, NARROW]) {
    await page.setViewportSize({ width, height: 900 });
    await settled(page);
    expect.soft(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth), `it is wider than a window of ${width}`).toBeLessThanOrEqual(0);
  }
}

async function expectAccessible(axe: AxeBuilder, theme: string) {
  const { violations } = await axe.analyze();
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  expect.soft(serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html}\n${failureSummary}`).join('\n')}`), theme).toEqual([]);
}
