import { Authenticator } from './harness/authenticator';
import { ACME, ENGINES, EUROPE, expect, OPERATOR, organization, PASSWORD, ROOT, question, row, test, VIEWER } from './harness/test';

test('a new member is invited by a link that shows once', ENGINES, async ({ page, visit, world }) => {
  const id = await organization(world, 'Guests', ACME);
  await visit(ROOT, `/organizations/${id}/members`);
  await page.getByRole('button', { name: 'Add a member' }).click();
  await page.getByLabel('E-mail address').fill('guest@elsewhere.example');
  await question(page).getByRole('button', { name: /Viewer/ }).click();
  await page.getByRole('option', { name: 'Auditor' }).click();
  await question(page).getByRole('button', { name: 'Add', exact: true }).click();
  await expect(page.getByTestId('secret')).toContainText(`${world.url}/console/invitations#`);
  await page.getByRole('button', { name: 'Done' }).click();
  await expect(page.getByRole('table', { name: 'Members' })).toContainText('Pending');
  await page.getByRole('link', { name: 'Invitations' }).click();
  await expect(page.getByRole('table', { name: 'Open invitations' })).toContainText('guest@elsewhere.example');
});

test('another role shows what it would do, and a removed member is gone', async ({ page, visit, world }) => {
  const id = await organization(world, 'Staff', ACME);
  await world.ask('POST', `/umbel/v1/organizations/${id}/members`, { email: 'kim@acme.example', role: 'viewer', status: 'active' });
  await visit(ROOT, `/organizations/${id}/members`);
  await page.getByRole('button', { name: 'Actions for kim@acme.example' }).click();
  await page.getByRole('menuitem', { name: 'Change the role' }).click();
  await question(page).getByRole('button', { name: /Viewer/ }).click();
  await page.getByRole('option', { name: 'Billing' }).click();
  await expect(page.getByTestId('effect')).toContainText('kim@acme.example');
  await page.getByRole('button', { name: 'Change the role' }).click();
  await expect(page.getByRole('table', { name: 'Members' })).toContainText('Billing');
  await page.getByRole('button', { name: 'Actions for kim@acme.example' }).click();
  await page.getByRole('menuitem', { name: 'Remove' }).click();
  await question(page).getByRole('button', { name: 'Remove' }).click();
  await expect(page.getByText('No members of its own')).toBeVisible();
});

test('two roles see different things', ENGINES, async ({ page, visit }) => {
  await visit(VIEWER);
  await expect(row(page, 'Acme Europe')).toBeVisible();
  await expect(row(page, 'Acme Group')).toHaveCount(0);
  await row(page, 'Acme Europe').click();
  const inspector = page.getByRole('region', { name: 'Selected organization' });
  await expect(inspector).toContainText('Members');
  await expect(inspector.getByRole('button', { name: 'Delete' })).toHaveCount(0);
  await expect(page.getByRole('link', { name: 'Users' })).toHaveCount(0);
  await page.goto(`/console/organizations/${ACME}`);
  await expect(page.getByRole('alert')).toContainText('does not exist');
  await page.goto(`/console/audit?organization=${EUROPE}`);
  await expect(page.getByRole('alert')).toBeVisible();

  await visit(ROOT);
  await expect(row(page, 'Acme Group')).toBeVisible();
  await row(page, 'Acme Group').click();
  await expect(inspector.getByRole('button', { name: 'Delete' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Users' })).toHaveCount(0);

  await visit(OPERATOR);
  await expect(page.getByRole('link', { name: 'Users' })).toBeVisible();
});

test('access says where each role comes from', ENGINES, async ({ page, visit }) => {
  await visit(VIEWER, `/organizations/${EUROPE}/access`);
  const person = page.getByRole('row', { name: /tomas\.ferreira/ });
  await expect(person).toContainText('Super administrator here');
  await visit(OPERATOR, '/organizations/0194ef4d2d00793bbc23d710cfc9c11b/access');
  await expect(person).toContainText('from Acme Europe, 1 level up');
});

test('a role of its own is made from actions', async ({ page, visit }) => {
  await visit(ROOT, `/organizations/${ACME}/roles`);
  await page.getByRole('button', { name: 'New role' }).click();
  await page.getByLabel('Name').fill('deployer');
  await page.getByText('Create account', { exact: true }).click();
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('row', { name: /deployer/ })).toContainText('Create account');
});

test('a token shows once, keeps to its organization, and is revoked', ENGINES, async ({ page, visit }) => {
  await visit(ROOT, '/tokens');
  await page.getByRole('button', { name: 'New token' }).first().click();
  const dialog = question(page);
  await dialog.getByLabel('Name').fill('continuous integration');
  await dialog.getByRole('searchbox').fill('americas');
  await dialog.getByRole('option', { name: 'Acme Americas' }).click();
  await dialog.getByRole('button', { name: 'Create' }).click();
  await expect(page.getByTestId('secret')).toHaveText(/^umb_/);
  await page.getByRole('button', { name: 'Done' }).click();
  await expect(page.getByRole('row', { name: /continuous integration/ })).toContainText('Acme Americas');
  await page.getByRole('button', { name: 'Actions for continuous integration' }).click();
  await page.getByRole('menuitem', { name: 'Revoke' }).click();
  await expect(page.getByText('No tokens')).toBeVisible();
});

test('operators make users and disable them', async ({ page, visit }) => {
  await visit(OPERATOR, '/users');
  await page.getByRole('button', { name: 'New user' }).click();
  await page.getByLabel('E-mail address').fill('new@acme.example');
  await page.getByRole('button', { name: 'Create' }).click();
  await expect(page.getByTestId('secret')).toHaveText(/^[0-9a-f]{32,}$/);
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('button', { name: 'Actions for new@acme.example' }).click();
  await page.getByRole('menuitem', { name: 'Disable' }).click();
  await expect(page.getByRole('row', { name: /new@acme.example/ })).toContainText('Disabled');
});

test('operators make links by which users sign in, and take second factors away', async ({ page, visit, world, elsewhere }) => {
  const email = 'forgetful@acme.example';
  await world.person(email, 'Forgetful');
  await elsewhere.request.post('/umbel/v1/session', { data: { email, password: PASSWORD } });
  const { secret } = (await (await elsewhere.request.post('/umbel/v1/user/totp')).json()).result;
  const confirmed = await elsewhere.request.post('/umbel/v1/user/totp/confirm', { data: { code: await new Authenticator(secret).code() } });
  expect(confirmed.status()).toBe(200);

  await visit(OPERATOR, '/users');
  const person = page.getByRole('row', { name: new RegExp(email) });
  await expect(person).toContainText('On');
  const choose = async (deed: string) => {
    await page.getByRole('button', { name: `Actions for ${email}` }).click();
    await page.getByRole('menuitem', { name: deed }).click();
  };
  await choose('Remove the second factor');
  await question(page).getByRole('button', { name: 'Remove' }).click();
  await expect(person).toContainText('Off');
  await choose('Make a sign-in link');
  await page.getByRole('button', { name: 'Make the link' }).click();
  const link = (await page.getByTestId('secret').textContent()) ?? '';
  expect(link).toContain(`${world.url}/console/sign-in#code=uml_`);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('button', { name: 'Copy the link' }).click();
  await expect(page.getByRole('button', { name: 'Copied' })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(link);
  await page.getByRole('button', { name: 'Done' }).click();
  await expect(page.getByText('uml_')).toHaveCount(0);

  await page.context().clearCookies();
  await page.goto(link);
  await expect(page.getByRole('button', { name: `You: ${email}` })).toBeVisible();
});

test('who is invited into an account accepts it and gets there', async ({ page, visit, world }) => {
  const account = '0194f621d5407d2692e5dfe8cb1855fe';
  await visit(ROOT, `/accounts/${account}`);
  await page.getByRole('button', { name: 'Add a member' }).click();
  const dialog = question(page);
  await dialog.getByLabel('E-mail address').fill(VIEWER);
  await dialog.getByRole('button', { name: /Role/ }).click();
  await page.getByRole('option', { name: 'Auditor' }).click();
  await dialog.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(page.getByRole('table', { name: 'Members of the account' })).toContainText(VIEWER);
  await visit(VIEWER, '/you');
  await page.getByRole('button', { name: 'Accept Portland roastery shop' }).click();
  await page.getByRole('link', { name: 'Portland roastery shop' }).click();
  await expect(page.getByRole('heading', { name: 'Portland roastery shop', level: 1 })).toBeVisible();
  const [member] = await world.ask('GET', `/client/v4/accounts/${account}/members`);
  await world.ask('DELETE', `/client/v4/accounts/${account}/members/${member.id}`);
});
