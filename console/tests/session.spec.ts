import { ACME, expect, OPERATOR, organization, PASSWORD, ROOT, test, TOTP, VIEWER } from './harness/test';

test('somebody signs in with a password and comes back to where they wanted to go', async ({ page }) => {
  await page.goto(`/console/organizations/${ACME}`);
  await expect(page.getByRole('heading', { name: 'Sign in to Umbel' })).toBeVisible();
  await page.getByLabel('E-mail address').fill(OPERATOR);
  await page.getByLabel('Password').fill('wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toContainText('E-mail address or password are wrong');
  await expect(page.getByRole('alert')).toContainText(/Request [0-9a-f]{16}/);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Acme Group', level: 1 })).toBeVisible();
});

test('who has a second factor is asked for it', async ({ page }) => {
  await page.goto('/console/');
  await page.getByLabel('E-mail address').fill('olga.second@acme.example');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByLabel('Code of your authenticator').fill(TOTP);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Organizations', level: 1 })).toBeVisible();
});

test('a one-time link signs in, is in no history, and works once', async ({ page }) => {
  await page.goto('/console/sign-in#code=first');
  await expect(page.getByRole('heading', { name: 'Organizations', level: 1 })).toBeVisible();
  await page.goBack();
  expect(page.url()).not.toContain('first');
  await page.context().clearCookies();
  await page.goto('about:blank');
  await page.goto('/console/sign-in#code=first');
  await expect(page.getByRole('alert')).toContainText('used already');
});

test('signing out ends the session, and an ended session asks to sign in', async ({ page, visit }) => {
  await visit(OPERATOR, '/you');
  await expect(page.getByRole('table', { name: 'Sessions' })).toContainText('This one');
  await page.getByRole('button', { name: /^You:/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in to Umbel' })).toBeVisible();
  await visit(OPERATOR, '/');
  await expect(page.getByRole('treegrid')).toBeVisible();
  await page.context().clearCookies();
  await page.getByRole('link', { name: 'API tokens' }).dispatchEvent('click');
  await expect(page.getByRole('heading', { name: 'Sign in to Umbel' })).toBeVisible();
});

test('the link of an invitation makes its user a member', async ({ page, visit, world }) => {
  const id = await organization(world, 'Invited here', ACME);
  await visit(ROOT);
  const invited = await page.request.post(`/umbel/v1/organizations/${id}/members`, { data: { email: VIEWER, role: 'auditor' } });
  const { invitation } = (await invited.json()).result;
  await visit(VIEWER, `/invitations#${invitation.token}`);
  await page.getByRole('button', { name: 'Accept' }).click();
  await expect(page.getByRole('table', { name: 'Memberships of organizations' })).toContainText('Invited here');
});
