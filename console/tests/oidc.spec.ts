import { randomUUID } from 'node:crypto';
import { ENGINES, EUROPE, expect, test, type Page, type World } from './harness/test';

/** `scripts/console` runs the tests beside a provider, where one is installed. */
const ISSUER = process.env['UMBEL_OIDC_ISSUER'];

test.skip(ISSUER === undefined && process.env['CI'] === undefined, 'there is no OpenID Connect provider: run scripts/setup');
// There is one provider, which knows one server at a time.
test.describe.configure({ mode: 'serial' });

/** Tells the provider which client the server is, or whom it knows. */
async function tell(path: string, body: Record<string, unknown>) {
  expect((await fetch(`${ISSUER}/-/${path}`, { method: 'PUT', body: JSON.stringify(body) })).status).toBe(204);
}

/** Somebody whom the provider knows, by how they sign in there. */
async function known(email: string): Promise<string> {
  const login = randomUUID();
  await tell(`accounts/${login}`, { email, email_verified: true });
  return login;
}

/** Goes to the provider by the button of the console. */
async function leave(page: Page, world: World, path: string) {
  await tell('client', { callback: `${world.url}/umbel/v1/session/oidc/callback`, in_id_token: false });
  await page.goto(`/console${path}`);
  await page.getByRole('link', { name: `Sign in with ${process.env['UMBEL_OIDC_NAME']}` }).click();
}

/** Fills in the forms of the provider. */
async function signInThere(page: Page, login: string) {
  await page.locator('input[name=login]').fill(login);
  await page.locator('input[name=password]').fill('any');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Continue' }).click();
}

test('who signs in at the provider comes back to the page that they wanted', ENGINES, async ({ page, world }) => {
  const email = 'petra@acme.example';
  await world.person(email, 'Petra Provided', { role: 'viewer', at: EUROPE });
  const login = await known(email);
  await leave(page, world, '/tokens');
  await signInThere(page, login);
  await expect(page.getByRole('button', { name: `You: ${email}` })).toBeVisible();
  await expect(page).toHaveURL(`${world.url}/console/tokens`);
  await page.goto('/console/you');
  await expect(page.getByText(login)).toBeVisible();
});

test('whom nobody has made a user is told so, and stays outside', async ({ page, world }) => {
  const login = await known('stranger@elsewhere.example');
  await leave(page, world, '/');
  await signInThere(page, login);
  await expect(page.getByRole('alert')).toBeVisible();
  await page.goto('/console/');
  await expect(page.getByRole('heading', { name: 'Sign in to Umbel' })).toBeVisible();
});

test('who breaks off at the provider is told so', async ({ page, world }) => {
  await leave(page, world, '/');
  await page.getByRole('link', { name: /Cancel/ }).click();
  await expect(page.getByRole('alert')).toContainText('broken off');
});
