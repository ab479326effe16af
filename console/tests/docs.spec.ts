import { readFileSync } from 'node:fs';
import { expect, OPERATOR, test, type Page } from './harness/test';

const METHODS = ['get', 'put', 'post', 'patch', 'delete'];
/** Less than is rendered at once, in pixels. */
const STEP = 500;

test('the reference has every operation, and asks no other host', async ({ page, baseURL }) => {
  const hosts = new Set<string>();
  page.on('request', (request) => hosts.add(new URL(request.url()).origin));
  await page.goto('/docs');
  const document: { paths: Record<string, object> } = JSON.parse(readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8'));
  const operations = Object.entries(document.paths).flatMap(([path, methods]) => METHODS.filter((method) => method in methods).map((method) => `${method} ${path}`));
  await expect(page.locator('.opblock').first()).toBeVisible();
  await expect(async () => expect([...(await shown(page))].sort()).toEqual(operations.sort())).toPass();
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

test('who is signed in to the console needs none', async ({ page, visit }) => {
  await visit(OPERATOR);
  await page.goto('/docs');
  await tryUser(page);
});

/** The operations that show from the top to the end: those out of sight are not in the document. */
async function shown(page: Page): Promise<Set<string>> {
  const seen = new Set<string>();
  for (let top = 0; ; top += STEP) {
    const end = await page.evaluate(async (to) => {
      window.scrollTo(0, to);
      await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
      return to + window.innerHeight >= document.documentElement.scrollHeight;
    }, top);
    const names = await page.locator('.opblock').evaluateAll((all) => all.map((one) => `${one.querySelector('.opblock-summary-method')?.textContent?.toLowerCase()} ${one.querySelector('[data-path]')?.getAttribute('data-path')}`));
    for (const name of names) seen.add(name);
    if (end) return seen;
  }
}

async function tryUser(page: Page) {
  await page.getByPlaceholder('Filter by tag or path').fill('/client/v4/user');
  const operation = page.locator('.opblock').filter({ has: page.locator('[data-path="/client/v4/user"]') }).first();
  await operation.locator('.opblock-summary-control').click();
  await operation.getByRole('button', { name: 'Try it out' }).click();
  await operation.getByRole('button', { name: 'Execute' }).click();
  await expect(operation.locator('.live-responses-table')).toContainText('200');
  await expect(operation.locator('.live-responses-table')).toContainText(OPERATOR);
}
