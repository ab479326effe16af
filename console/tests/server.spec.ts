import { ENGINES, expect, OPERATOR, ROOT, test } from './harness/test';

test('operators see how the server is, what keeps it, and what its workers did last', ENGINES, async ({ page, visit, world }) => {
  await visit(OPERATOR, '/server');
  await expect(page.getByText('Alive')).toBeVisible();
  await expect(page.getByText('Ready')).toBeVisible();
  const { info } = await (await fetch(`${world.url}/umbel/v1/openapi.json`)).json();
  await expect(page.getByText(info.version, { exact: true })).toBeVisible();
  const { result: server } = await (await page.request.get('/umbel/v1/server')).json();
  await expect(page.getByText(`${process.env['UMBEL_TEST_POSTGRES'] ? 'PostgreSQL' : 'SQLite'} ${server.database.engine_version}`)).toBeVisible();
  const budgets = page.getByRole('table', { name: 'Workers' }).getByRole('row', { name: /^Budgets/ });
  await expect(budgets).toContainText('Running');
  await expect(budgets.locator('time')).toHaveCount(1);
  const users = (await (await page.request.get('/umbel/v1/users?page_size=1')).json()).result_info.total_size;
  await expect(page.locator('dt', { hasText: 'Users' }).locator('+ dd')).toHaveText(String(users));
  await page.getByRole('link', { name: 'show them' }).click();
  await expect(page.getByRole('table', { name: 'Audit log' })).toContainText('olga@acme.example');
});

test('the page of the server is for operators', async ({ page, visit }) => {
  await visit(ROOT, '/server');
  await expect(page.getByText('Ready')).toBeVisible();
  await expect(page.getByRole('alert').first()).toBeVisible();
  await expect(page.locator('dt', { hasText: 'Accounts' })).toHaveCount(0);
  await expect(page.getByRole('table', { name: 'Workers' })).toHaveCount(0);
});
