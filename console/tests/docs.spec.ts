import { expect, test, OPERATOR, PASSWORD } from './harness/test';
import { readFileSync } from 'node:fs';

const METHODS = ['get', 'put', 'post', 'patch', 'delete'];

test('the reference has every operation, and asks no other host', async ({ page, baseURL }) => {
  const hosts = new Set<string>();
  page.on('request', (request) => hosts.add(new URL(request.url()).origin));
  await page.goto('/docs');
  const document: { paths: Record<string, object> } = JSON.parse(readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8'));
  const operations = Object.values(document.paths).flatMap((path) => Object.keys(path).filter((method) => METHODS.includes(method)));
  await expect(page.locator('.opblock')).toHaveCount(operations.length);
  expect([...hosts]).toEqual([baseURL]);
});

test('a request is tried with a token that is given', async ({ page, world }) => {
  const token = (await world.ask('POST', '/umbel/v1/tokens', { name: 'docs' })).value;
  await page.goto('/docs');
  await page.getByRole('button', { name: 'Authorize' }).first().click();
  const bearer = page.locator('.auth-container').filter({ hasText: 'api_token' });
  await bearer.getByRole('textbox').fill(token);
  await bearer.getByRole('button', { name: 'Apply credentials' }).click();
  await bearer.getByRole('button', { name: 'Close' }).click();
  await tryUser(page);
});

test('who is signed in to the console needs none', async ({ page }) => {
  const answer = await page.request.post('/umbel/v1/session', { data: { email: OPERATOR, password: PASSWORD } });
  expect(answer.ok()).toBe(true);
  await page.goto('/docs');
  await tryUser(page);
});

async function tryUser(page: import('@playwright/test').Page) {
  const operation = page.locator('.opblock').filter({ has: page.locator('[data-path="/client/v4/user"]') }).first();
  await operation.locator('.opblock-summary-control').click();
  await operation.getByRole('button', { name: 'Try it out' }).click();
  await operation.getByRole('button', { name: 'Execute' }).click();
  await expect(operation.locator('.live-responses-table')).toContainText('200');
  await expect(operation.locator('.live-responses-table')).toContainText(OPERATOR);
}
