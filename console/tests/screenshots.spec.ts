import { fileURLToPath } from 'node:url';
import { ACME, EUROPE, expect, OPERATOR, organization, test, type Page } from './harness/test';

const IMAGES = fileURLToPath(new URL('../../docs/images/', import.meta.url));

const VIEWS: [string, string, ((page: Page) => Promise<void>)?][] = [
  ['tree', `/?selected=0194ef4d2d00793bbc23d710cfc9c11b`],
  [
    'move',
    '/?selected=0194ef4d2d00793bbc23d710cfc9c11b',
    async (page) => {
      await page.getByRole('button', { name: 'Move', exact: true }).click();
      await page.getByRole('searchbox', { name: 'Search the new parent' }).fill('americas');
      await page.getByRole('option', { name: 'Acme Americas' }).click();
      await expect(page.getByTestId('effect')).toContainText('Gains access');
    },
  ],
  ['organization', `/organizations/${ACME}`],
  ['access', '/organizations/0194ef4d2d00793bbc23d710cfc9c11b/access'],
  [
    'audit',
    `/audit?organization=${ACME}&action_type=create&action_type=update&actor_type.not=system`,
    async (page) => {
      await page.getByRole('button', { name: 'Update organization', exact: true }).first().click();
      await expect(page.getByRole('region', { name: 'Proof' })).toContainText('Proved');
    },
  ],
  ['usage', `/usage?organization=${ACME}&from=2026-09-01&to=2026-09-30`],
];

// They change with every run, so that they are made only when they are asked for: UPDATE=1 npm test -- screenshots
test.skip(!process.env['UPDATE'], 'images are kept as they are without UPDATE=1');
test.describe.configure({ mode: 'serial' });

for (const { theme, width, height, of } of [
  { theme: 'light', width: 1280, height: 800, of: VIEWS },
  { theme: 'dark', width: 1280, height: 800, of: VIEWS },
  { theme: 'light', width: 360, height: 780, of: VIEWS.filter(([name]) => name === 'tree' || name === 'usage') },
] as const) {
  test.describe(`${theme} ${width}`, () => {
    test.use({ colorScheme: theme, viewport: { width, height } });

    test('images for the documentation', async ({ page, visit, world }) => {
      test.setTimeout(180_000);
      const id = await organization(world, 'Porto', EUROPE);
      await world.ask('PUT', `/client/v4/organizations/${id}`, { name: 'Porto Roastery' });
      await page.waitForTimeout(3000);
      await visit(OPERATOR);
      for (const [name, path, act] of of) {
        await page.goto('about:blank');
        await page.goto(`/console${path}`);
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
        await act?.(page);
        await page.waitForLoadState('networkidle');
        await page.waitForTimeout(400);
        await page.screenshot({ path: `${IMAGES}console-${name}-${theme}${width === 1280 ? '' : '-narrow'}.png` });
      }
      await world.ask('DELETE', `/client/v4/organizations/${id}`);
    });
  });
}
