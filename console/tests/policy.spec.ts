import { expect, test } from './harness/test';

test('people who come to the server are led to the console, under its policy', async ({ page }) => {
  const answer = await page.goto('/');
  await expect(page.getByRole('heading', { name: 'Sign in to Umbel' })).toBeVisible();
  expect(new URL(page.url()).pathname).toMatch(/^\/console\//);
  const policy = answer?.headers()['content-security-policy'];
  expect(policy).toContain("script-src 'self'");
  expect(policy).toContain("require-trusted-types-for 'script'");
  expect(policy).not.toContain('unsafe');
});

const BREACHES: [string, () => unknown][] = [
  ['a style of the page', () => document.head.append(Object.assign(document.createElement('style'), { textContent: 'p { color: red }' }))],
  ['a picture from elsewhere', () => document.body.append(Object.assign(new Image(), { src: 'https://elsewhere.example/a.png' }))],
  ['a request to elsewhere', () => fetch('https://elsewhere.example/').catch(() => undefined)],
  ['text that becomes HTML', () => Reflect.set(document.body, 'innerHTML', '<b>bold</b>')],
  ['an error that nobody catches', () => setTimeout(() => Promise.reject(new Error('uncaught')))],
  ['a dialog of a script', () => alert('here')],
];

test('the tests notice what breaks the policy, is thrown, or asks', async ({ page, faults }) => {
  await page.goto('/console/');
  await expect(page.getByRole('heading', { name: 'Sign in to Umbel' })).toBeVisible();
  for (const [breach, make] of BREACHES) {
    await page.evaluate(make).catch(() => undefined);
    await expect.poll(() => faults.length, breach).toBeGreaterThan(0);
    // What a breach says twice comes at once.
    await page.evaluate(() => undefined);
    faults.length = 0;
  }
});
