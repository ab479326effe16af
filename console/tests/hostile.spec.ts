import { expect, OPERATOR, organization, test, type Page } from './harness/test';

/** What would run, load or break out if it became more than text. */
const HOSTILE = `"><img src=x onerror=alert(1)><script>alert(2)</script>{{7*7}}\${7*7}javascript:alert(3)`;
const RIGHT_TO_LEFT = `\u202Eevil\u202C <b>bold</b>`;

async function expectText(page: Page, text: string) {
  await expect(page.getByText(text, { exact: false }).first()).toBeVisible();
  expect(await page.locator('img[src="x"], #root script, #root b').count()).toBe(0);
}

test('hostile strings in every field stay text in every view', async ({ page, visit, world }) => {
  const id = await organization(world, HOSTILE, null);
  await organization(world, RIGHT_TO_LEFT, id);
  const profile = { business_name: HOSTILE, business_email: 'a@b.example', business_phone: HOSTILE.slice(0, 20), business_address: HOSTILE, external_metadata: HOSTILE };
  await world.ask('PUT', `/client/v4/organizations/${id}/profile`, profile);
  const account = await world.ask('POST', '/client/v4/accounts', { name: HOSTILE.slice(0, 100), unit: { id } });
  await world.ask('POST', `/umbel/v1/organizations/${id}/roles`, { name: HOSTILE.slice(0, 100), description: HOSTILE, actions: ['read_organization'] });
  await world.ask('POST', '/umbel/v1/users', { email: 'hostile@acme.example', name: HOSTILE.slice(0, 100) });
  await world.ask('POST', `/umbel/v1/organizations/${id}/members`, { email: 'hostile@acme.example', role: 'viewer', status: 'active' });
  await world.ask('POST', '/umbel/v1/tokens', { name: HOSTILE.slice(0, 100), organization_id: id });

  const cut = HOSTILE.slice(0, 60);
  await visit(OPERATOR, `/?selected=${id}`);
  await expectText(page, HOSTILE);
  for (const path of [`/organizations/${id}`, `/organizations/${id}/accounts`, `/organizations/${id}/roles`, `/organizations/${id}/members`, `/accounts/${account.id}`, '/tokens', '/users']) {
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

test('hostile addresses of pages show an error and do nothing', async ({ page, visit }) => {
  await visit(OPERATOR, `/organizations/${encodeURIComponent('<img src=x onerror=alert(1)>')}`);
  await expect(page.getByRole('alert')).toBeVisible();
  await page.goto(`/console/audit?actor_email=${encodeURIComponent(HOSTILE)}&period=${encodeURIComponent('<script>')}&unknown=1`);
  await expectText(page, HOSTILE.slice(0, 20));
  await page.goto('/console/no/such/page');
  await expect(page.getByText('There is no such page')).toBeVisible();
});
