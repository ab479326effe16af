import { Authenticator } from './harness/authenticator';
import { ACME, ENGINES, expect, OPERATOR, organization, PASSWORD, ROOT, question, test, VIEWER, type Page, type World } from './harness/test';
import decodeQR from 'qr/decode.js';
import { world as makeWorld } from './harness/world.mjs';

/** How many dots of a camera one module is wide. */
const PIXELS = 4;

async function fillIn(page: Page, email: string, password: string) {
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.keyboard.press('Enter');
}

/** A link by which a user signs in once. */
async function link(world: World, user: string): Promise<string> {
  const { url } = await world.ask('POST', `/umbel/v1/users/${user}/sign-in-link`);
  expect(url).toContain(`${world.url}/console/sign-in#code=uml_`);
  return url;
}

/** Adds a second factor to whoever the page is signed in as, on the page about them. */
async function addFactor(page: Page): Promise<Authenticator> {
  await page.getByRole('button', { name: 'Add one' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add a second factor' });
  await expect(dialog.getByRole('img', { name: 'The secret for an authenticator' })).toBeVisible();
  const secret = (await dialog.getByTestId('secret').textContent()) ?? '';
  expect(secret).toMatch(/^[A-Z2-7]{32}$/);
  await dialog.getByText('The same as an address').click();
  await expect(dialog.getByTestId('uri')).toHaveText(new RegExp(`^otpauth://totp/Umbel:.*secret=${secret}`));
  expect(await scanned(page)).toBe(await dialog.getByTestId('uri').innerText());
  const authenticator = new Authenticator(secret);
  await dialog.getByLabel('Code that it shows now').fill(await authenticator.code());
  await dialog.getByRole('button', { name: 'Confirm' }).click();
  await expect(page.getByRole('button', { name: 'Remove it' })).toBeVisible();
  return authenticator;
}

/** What a camera reads from the picture. */
async function scanned(page: Page): Promise<string> {
  const { modules, path } = await page.locator('.qr-code').evaluate((svg) => ({ modules: Number(svg.getAttribute('viewBox')?.split(' ')[2]), path: svg.querySelector('path')?.getAttribute('d') ?? '' }));
  const size = modules * PIXELS;
  const data = new Uint8Array(size * size * 4).fill(255);
  for (const [, x = '', y = ''] of path.matchAll(/M(\d+) (\d+)/g)) {
    for (let line = 0; line < PIXELS; line += 1) data.fill(0, ((Number(y) * PIXELS + line) * size + Number(x) * PIXELS) * 4, ((Number(y) * PIXELS + line) * size + (Number(x) + 1) * PIXELS) * 4);
  }
  return decodeQR({ width: size, height: size, data });
}

async function signOut(page: Page) {
  await page.getByRole('button', { name: /^You:/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in to Umbel' })).toBeVisible();
}

test('somebody signs in with a password and comes back to where they wanted to go', ENGINES, async ({ page }) => {
  await page.goto(`/console/organizations/${ACME}`);
  await expect(page.getByRole('heading', { name: 'Sign in to Umbel' })).toBeVisible();
  await fillIn(page, OPERATOR, 'a wrong password');
  await expect(page.getByRole('alert')).toContainText('Address, password or code are wrong');
  await expect(page.getByRole('alert')).toContainText(/Request [0-9a-f]{16}/);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Acme Group', level: 1 })).toBeVisible();
  const [cookie] = await page.context().cookies();
  expect(cookie).toMatchObject({ name: '__Host-umbel', httpOnly: true, secure: true, sameSite: 'Lax', path: '/' });
});

test('who guesses too often is told to wait', async ({ page }) => {
  // A server of its own: it counts what comes from one address of the network, which is that of the other tests as well.
  const world = await makeWorld();
  // It counts in spans of five minutes; one that ends meanwhile would let the right password in.
  const left = 300_000 - (Date.now() % 300_000);
  if (left < 20_000) await page.waitForTimeout(left);
  for (let guess = 0; guess < 10; guess += 1) {
    await page.request.post(`${world.url}/umbel/v1/session`, { headers: { origin: world.url }, data: { email: OPERATOR, password: 'a wrong password' } });
  }
  await page.goto(`${world.url}/console/sign-in`);
  await fillIn(page, OPERATOR, PASSWORD);
  await expect(page.getByRole('alert')).toContainText(/Too many attempts to sign in failed; try again in \d+ seconds/);
  await page.goto('about:blank');
  await world.close();
});

test('with a second factor a password is not enough, until it is removed', ENGINES, async ({ page, visit, world }) => {
  test.slow(true, 'a third code is not there before the second one has passed');
  const email = 'second@acme.example';
  await world.person(email, 'Second Factor');
  await visit(email, '/you');
  const authenticator = await addFactor(page);
  await signOut(page);
  await fillIn(page, email, PASSWORD);
  const code = page.getByLabel('Code of your authenticator');
  await expect(code).toBeFocused();
  await expect(page.getByRole('alert')).toHaveCount(0);
  await code.fill('000000');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toContainText('are wrong');
  await code.fill(await authenticator.code());
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Organizations', level: 1 })).toBeVisible();
  await page.goto('/console/you');
  await page.getByRole('button', { name: 'Remove it' }).click();
  await question(page).getByLabel('Code that it shows now').fill(await authenticator.code());
  await question(page).getByRole('button', { name: 'Remove' }).click();
  await expect(page.getByRole('button', { name: 'Add one' })).toBeVisible();
  await signOut(page);
  await fillIn(page, email, PASSWORD);
  await expect(page.getByRole('heading', { name: 'Organizations', level: 1 })).toBeVisible();
});

test('a wrong code of a new second factor adds none, and nobody is signed out by it', async ({ page, visit, world }) => {
  await world.person('clumsy@acme.example', 'Clumsy');
  await visit('clumsy@acme.example', '/you');
  await page.getByRole('button', { name: 'Add one' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add a second factor' });
  const secret = (await dialog.getByTestId('secret').textContent()) ?? '';
  await dialog.getByLabel('Code that it shows now').fill('000000');
  await dialog.getByRole('button', { name: 'Confirm' }).click();
  await expect(dialog.getByRole('alert')).toContainText('look at its clock');
  await dialog.getByLabel('Code that it shows now').fill(await new Authenticator(secret).code());
  await dialog.getByRole('button', { name: 'Confirm' }).click();
  await expect(page.getByRole('button', { name: 'Remove it' })).toBeVisible();
});

test('a link signs in once, is in no history, and lets its user set a password', ENGINES, async ({ page, world }) => {
  const email = 'linked@acme.example';
  const once = await link(world, await world.person(email, 'Linked'));
  await page.goto(once);
  await expect(page.getByRole('heading', { name: 'Organizations', level: 1 })).toBeVisible();
  await page.goBack();
  expect(page.url()).not.toContain('uml_');
  await page.goto('/console/you');
  await page.getByRole('button', { name: 'Set a password' }).click();
  await expect(page.getByLabel('Present password')).toHaveCount(0);
  await page.getByLabel('New password', { exact: true }).fill('another long password');
  await page.getByLabel('The new password again').fill('another long password');
  await page.getByRole('button', { name: 'Set the password' }).click();
  await expect(page.getByText('Your password was set')).toBeVisible();
  await signOut(page);
  await page.goto('about:blank');
  await page.goto(once);
  await expect(page.getByRole('alert')).toContainText('the link was used or has expired');
  await fillIn(page, email, 'another long password');
  await expect(page.getByRole('heading', { name: 'Organizations', level: 1 })).toBeVisible();
});

test('a link of somebody with a second factor asks for a code', async ({ page, visit, world }) => {
  const email = 'linked.second@acme.example';
  const user = await world.person(email, 'Linked Second');
  await visit(email, '/you');
  const authenticator = await addFactor(page);
  await signOut(page);
  await page.goto('about:blank');
  await page.goto(await link(world, user));
  await expect(page.getByLabel('Password')).toHaveCount(0);
  await page.getByLabel('Code of your authenticator').fill(await authenticator.code());
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Organizations', level: 1 })).toBeVisible();
});

test('a password is changed with the present one, and other sessions end', async ({ page, visit, world, elsewhere }) => {
  const email = 'changer@acme.example';
  await world.person(email, 'Changer');
  const signedIn = await elsewhere.request.post('/umbel/v1/session', { data: { email, password: PASSWORD } });
  expect(signedIn.status()).toBe(200);
  await visit(email, '/you');
  await page.getByRole('button', { name: 'Change the password' }).click();
  await page.getByLabel('Present password').fill('a wrong password');
  await page.getByLabel('New password', { exact: true }).fill('another long password');
  const set = page.getByRole('button', { name: 'Set the password' });
  await page.getByLabel('The new password again').fill('another');
  await expect(page.getByText('This is not the same')).toBeVisible();
  await expect(set).toBeDisabled();
  await page.getByLabel('The new password again').fill('another long password');
  await set.click();
  await expect(question(page).getByRole('alert')).toContainText('The present password is not this one');
  await page.getByLabel('Present password').fill(PASSWORD);
  await set.click();
  await expect(page.getByText('Your password was set')).toBeVisible();
  expect((await elsewhere.request.get('/umbel/v1/session')).status()).toBe(401);
  await page.reload();
  await expect(page.getByRole('table', { name: 'Sessions' })).toContainText('This one');
});

test('a session is ended from another one', ENGINES, async ({ page, visit, world, elsewhere }) => {
  const email = 'two.places@acme.example';
  await world.person(email, 'Two Places');
  const other = await elsewhere.newPage();
  await other.goto('/console/you');
  await fillIn(other, email, PASSWORD);
  await expect(other.getByRole('table', { name: 'Sessions' })).toContainText('This one');
  await visit(email, '/you');
  await page.getByRole('button', { name: 'End it' }).click();
  await expect(page.getByText('The session was ended')).toBeVisible();
  await expect(page.getByRole('button', { name: 'End it' })).toHaveCount(0);
  await signOut(other);
});

test('an account that asks for a second factor says how to add one', async ({ page, visit, world }) => {
  const id = await organization(world, 'Strict', ACME);
  const account = await world.ask('POST', '/client/v4/accounts', { name: 'Vault', unit: { id } });
  await world.ask('PUT', `/client/v4/accounts/${account.id}`, { name: 'Vault', settings: { enforce_twofactor: true } });
  const email = 'strict@acme.example';
  await world.person(email, 'Strict', { role: 'super_administrator', at: id });
  await visit(email, `/accounts/${account.id}`);
  await expect(page.getByRole('alert').first()).toContainText('The account asks for a second factor');
  await page.getByRole('alert').first().getByRole('link', { name: 'the page about you' }).click();
  await addFactor(page);
  await page.goto(`/console/accounts/${account.id}`);
  await expect(page.getByRole('heading', { name: 'Vault', level: 1 })).toBeVisible();
});

test('signing out ends the session, and an ended session asks to sign in', async ({ page, visit }) => {
  await visit(OPERATOR, '/you');
  await expect(page.getByRole('table', { name: 'Sessions' })).toContainText('This one');
  await signOut(page);
  await visit(OPERATOR, '/');
  await expect(page.getByRole('treegrid')).toBeVisible();
  await page.context().clearCookies();
  await page.getByRole('link', { name: 'API tokens' }).dispatchEvent('click');
  await expect(page.getByRole('heading', { name: 'Sign in to Umbel' })).toBeVisible();
});

test('the link of an invitation makes its user a member', ENGINES, async ({ page, visit, world }) => {
  const id = await organization(world, 'Invited here', ACME);
  await visit(ROOT);
  const invited = await page.request.post(`/umbel/v1/organizations/${id}/members`, { headers: { origin: world.url }, data: { email: VIEWER, role: 'auditor' } });
  const { invitation } = (await invited.json()).result;
  await visit(VIEWER, `/invitations#${invitation.token}`);
  await page.getByRole('button', { name: 'Accept' }).click();
  await expect(page.getByRole('table', { name: 'Memberships of organizations' })).toContainText('Invited here');
});
