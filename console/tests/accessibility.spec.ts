import AxeBuilder from '@axe-core/playwright';
import { ACME, EUROPE, expect, OPERATOR, test, VIEWER, type Page } from './harness/test';

/** All views in one test, on a machine that does something else as well. */
const VIEWS_MS = 300_000;

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
  ['usage', `/usage?organization=${ACME}`],
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

for (const theme of ['light', 'dark'] as const) {
  test.describe(`in the ${theme} theme`, () => {
    test.use({ colorScheme: theme });

    test('axe finds nothing serious in any view', async ({ page, visit }) => {
      test.setTimeout(VIEWS_MS);
      await each(page, visit, expectAccessible);
    });
  });
}

for (const width of [360, 3840]) {
  test.describe(`at ${width} pixels`, () => {
    test.use({ viewport: { width, height: 900 } });

    test('no view is wider than the window', async ({ page, visit }) => {
      test.setTimeout(VIEWS_MS);
      await each(page, visit, expectWithin);
    });
  });
}

async function each(page: Page, visit: (who: string) => Promise<Page>, look: (page: Page, name: string) => Promise<void>) {
  await page.goto('/console/');
  await settled(page);
  await look(page, 'sign in');
  await visit(OPERATOR);
  for (const [name, path, act] of VIEWS) {
    await page.goto('about:blank');
    await page.goto(`/console${path}`);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await act?.(page);
    await settled(page);
    await look(page, name);
  }
}

async function expectAccessible(page: Page, name: string) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  expect.soft(serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html}\n${failureSummary}`).join('\n')}`), name).toEqual([]);
}

async function expectWithin(page: Page, name: string) {
  expect.soft(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth), `${name} is wider than the window`).toBeLessThanOrEqual(0);
}

async function settled(page: Page) {
  await page.waitForLoadState('networkidle');
  await expect(page.getByRole('status', { name: 'Loading' })).toHaveCount(0);
  await page.waitForFunction(() => document.getAnimations().every((animation) => animation.playState !== 'running' || animation.effect?.getTiming().iterations === Infinity));
}
