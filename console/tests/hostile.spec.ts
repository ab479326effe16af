import { LAST_DAY, MONTH, PRICES_FROM } from './harness/billing';
import { ACME, expect, OPERATOR, organization, PASSWORD, question, settled, test, VIEWER, type Page, type World } from './harness/test';

/** What would run, load or break out if it became more than text. */
const HOSTILE = `"><img src=x onerror=alert(1)><script>alert(2)</script>{{7*7}}\${7*7}javascript:alert(3)`;
const RIGHT_TO_LEFT = `\u202Eevil\u202C <b>bold</b>`;
/** As much of it as the shortest field takes. */
const SHORT = HOSTILE.slice(0, 100);

async function expectNothingMade(page: Page) {
  expect(await page.locator('img[src="x"], script:not([src]), b').count()).toBe(0);
}

async function expectText(page: Page, text: string) {
  await expect(page.getByText(text, { exact: false }).first()).toBeVisible();
  await expectNothingMade(page);
}

/** An organization whose every text is hostile, and what is in it. */
async function hostileOrganization(world: World) {
  const id = await organization(world, HOSTILE, null);
  await organization(world, RIGHT_TO_LEFT, id);
  const profile = { business_name: HOSTILE, business_email: 'a@b.example', business_phone: HOSTILE.slice(0, 20), business_address: HOSTILE, external_metadata: HOSTILE };
  await world.ask('PUT', `/client/v4/organizations/${id}/profile`, profile);
  const account = await world.ask('POST', '/client/v4/accounts', { name: SHORT, unit: { id } });
  await world.ask('POST', `/umbel/v1/organizations/${id}/roles`, { name: SHORT, description: HOSTILE, actions: ['read_organization'] });
  await world.ask('POST', '/umbel/v1/tokens', { name: SHORT, organization_id: id });
  return { id, account: account.id as string };
}

test('hostile strings in every field stay text in every view', async ({ page, visit, world }) => {
  const { id, account } = await hostileOrganization(world);
  await world.ask('POST', '/umbel/v1/users', { email: 'hostile@acme.example', name: SHORT });
  await world.ask('POST', `/umbel/v1/organizations/${id}/members`, { email: 'hostile@acme.example', role: 'viewer', status: 'active' });

  const cut = HOSTILE.slice(0, 60);
  await visit(OPERATOR, `/?selected=${id}`);
  await expectText(page, HOSTILE);
  for (const path of [`/organizations/${id}`, `/organizations/${id}/accounts`, `/organizations/${id}/roles`, `/organizations/${id}/members`, `/organizations/${id}/access`, `/accounts/${account}`, '/tokens', '/users']) {
    await page.goto(`/console${path}`);
    await expectText(page, cut);
  }
  await page.goto(`/console/audit?organization=${id}`);
  await page.getByRole('button', { name: 'Create organization', exact: true }).last().click();
  await expectText(page, cut.slice(2, 20));
  await page.goto('/console/');
  await page.getByRole('searchbox').fill('<img');
  await expectText(page, HOSTILE);
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('searchbox', { name: 'Search organizations and pages' })).toBeFocused();
  await page.keyboard.type('<b>bold');
  await expectText(page, '<b>bold</b>');
});

test('hostile names of what is metered stay text in chart and table', async ({ page, visit, world }) => {
  const { id, account } = await hostileOrganization(world);
  const type = HOSTILE.replaceAll(' ', '/');
  const names = { name: SHORT, unit: SHORT, service_name: SHORT, product_family: SHORT, sku_meter: SHORT, pricing_unit: SHORT };
  await world.ask('POST', '/umbel/v1/metrics', { id: 'hostile', event_type: type, aggregation: 'sum', value_property: 'value', service_category: 'Other', ...names });
  await world.ask('POST', '/umbel/v1/prices', { metric_id: 'hostile', currency: 'USD', list_unit_price: '0.5', effective_from: PRICES_FROM });
  const time = new Date().toISOString();
  await world.meter(id, { type, subject: account, time, data: { value: '3', zone_name: SHORT } });
  const day = time.slice(0, 10);
  await visit(OPERATOR);
  for (const group of ['account', 'organization', 'metric', 'service']) {
    await page.goto(`/console/usage?organization=${id}&from=${day}&to=${day}&group_by=${group}`);
    await expect(page.getByRole('table', { name: 'Costs in USD' })).toContainText(SHORT.slice(0, 60));
    await page.locator('.recharts-bar-rectangle').first().hover();
    await expect(page.locator('.told')).toContainText(SHORT.slice(0, 60));
    await expectText(page, SHORT.slice(0, 60));
  }
});

test('hostile names of budgets, and on invoices, stay text', async ({ page, visit, world }) => {
  const { id, account } = await hostileOrganization(world);
  await world.ask('POST', `/umbel/v1/organizations/${id}/budgets`, { name: SHORT, amount: '1' });
  await world.meter(id, { type: 'com.example.egress', subject: account, time: LAST_DAY.toISOString(), data: { quantity: '30' } });
  await world.closed(id, MONTH);
  await visit(OPERATOR, `/usage/budgets?organization=${id}`);
  await expectText(page, SHORT.slice(0, 60));
  // A metric keeps its name, and gets another one on the way.
  await page.route('**/umbel/v1/**/invoices/*', async (route) => {
    const text = await (await route.fetch()).text();
    await route.fulfill({ contentType: 'application/json', body: text.replace('"metric_name":"Egress"', `"metric_name":${JSON.stringify(SHORT)}`) });
  });
  await page.goto(`/console/usage/invoices/${MONTH}?organization=${id}`);
  await page.getByRole('link', { name: SHORT.slice(0, 60) }).click();
  await expect(page.getByRole('table', { name: 'Lines' })).toContainText(SHORT.slice(0, 60));
  await expectText(page, SHORT.slice(0, 60));
});

test('the name that a browser gives itself stays text', async ({ page, visit, world, elsewhere }) => {
  const email = 'browser@acme.example';
  await world.person(email, SHORT);
  await elsewhere.request.post('/umbel/v1/session', { headers: { 'user-agent': HOSTILE }, data: { email, password: PASSWORD } });
  await visit(email, '/you');
  await expectText(page, HOSTILE.slice(0, 60));
});

/** Opens the form that a page has behind a button, or behind an item of the menu of a thing. */
const pressing = (name: string) => async (page: Page) => page.getByRole('button', { name, exact: true }).first().click();
const choosing = (menu: string, item: string) => async (page: Page) => {
  await page.getByRole('button', { name: menu, exact: true }).first().click();
  await page.getByRole('menuitem', { name: item }).click();
};

/** The forms that a page has, and what opens each. */
type Forms = [string, (page: Page) => Promise<void>][];
const FORMS: Record<string, (ids: { id: string; account: string }) => Forms> = {
  'an organization': ({ id }) => [
    [`/?selected=${id}`, pressing('New organization below')],
    [`/?selected=${id}`, pressing('Move')],
    [`/?selected=${id}`, pressing('Rename')],
    [`/organizations/${id}`, pressing('Edit')],
    [`/usage/budgets?organization=${id}`, pressing('New budget')],
  ],
  'what is in an organization': ({ id }) => [
    [`/organizations/${id}/accounts`, pressing('New account')],
    [`/organizations/${id}/members`, pressing('Add a member')],
    [`/organizations/${id}/roles`, pressing('New role')],
  ],
  'an account': ({ account }) => [
    [`/accounts/${account}`, choosing('Actions', 'Rename')],
    [`/accounts/${account}`, choosing('Actions', 'Move')],
    [`/accounts/${account}`, pressing('Add a member')],
  ],
  'who uses the server': () => [
    ['/tokens', pressing('New token')],
    ['/users', pressing('New user')],
    ['/you', pressing('Change the password')],
    ['/you', pressing('Add one')],
  ],
};

for (const [what, forms] of Object.entries(FORMS)) {
  test(`hostile strings typed into every form of ${what} stay text, whatever the server says of them`, async ({ page, visit, world }) => {
    const id = await organization(world, 'Typed into', null);
    const account = await world.ask('POST', '/client/v4/accounts', { name: 'Typed into', unit: { id } });
    await visit(OPERATOR);
    for (const [path, open] of forms({ id, account: account.id })) await test.step(path, () => typeInto(page, path, open));
  });
}

async function typeInto(page: Page, path: string, open: (page: Page) => Promise<void>) {
  await page.goto(`/console${path}`);
  await open(page);
  const form = question(page);
  const fields = form.locator('input:not([type=checkbox], [type=hidden]), textarea');
  await expect(fields.first()).toBeVisible();
  for (const field of await fields.all()) if (await field.isVisible()) await field.fill(HOSTILE);
  const send = form.locator('button[type=submit]');
  if (await send.isEnabled()) await send.click();
  await settled(page);
  await expectNothingMade(page);
}

test('hostile strings searched for and filtered by stay text', async ({ page, visit }) => {
  await visit(OPERATOR);
  for (const path of ['/', '/users', `/organizations/${ACME}/members`, `/organizations/${ACME}/accounts`]) {
    await page.goto(`/console${path}`);
    await page.getByRole('searchbox').first().fill(HOSTILE);
    await settled(page);
    await expectNothingMade(page);
  }
  await page.goto(`/console/audit?organization=${ACME}`);
  await page.getByRole('button', { name: 'Filter', exact: true }).click();
  await page.getByRole('button', { name: /Field/ }).click();
  await page.getByRole('option', { name: 'Actor’s address' }).click();
  await page.getByLabel('Value').fill(HOSTILE);
  await page.getByRole('button', { name: 'Add the filter' }).click();
  await expectText(page, HOSTILE.slice(0, 60));
});

test('hostile addresses of pages show an error and do nothing', async ({ page, visit }) => {
  await visit(OPERATOR, `/organizations/${encodeURIComponent('<img src=x onerror=alert(1)>')}`);
  await expect(page.getByRole('alert')).toBeVisible();
  await page.goto(`/console/audit?actor_email=${encodeURIComponent(HOSTILE)}&period=${encodeURIComponent('<script>')}&unknown=1`);
  await expectText(page, HOSTILE.slice(0, 20));
  await page.goto(`/console/usage/invoices/${encodeURIComponent(HOSTILE)}/${encodeURIComponent(HOSTILE)}?organization=${ACME}`);
  await expectText(page, HOSTILE.slice(0, 60));
  await page.goto('/console/no/such/page');
  await expect(page.getByText('There is no such page')).toBeVisible();
});

test('who types a hostile address or password to sign in is refused in words', async ({ page }) => {
  await page.goto('/console/sign-in');
  await page.getByLabel('E-mail address').fill(`${HOSTILE}@${VIEWER}`);
  await page.getByLabel('Password').fill(HOSTILE);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toBeVisible();
  await expectNothingMade(page);
});
