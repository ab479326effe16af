import { PRICES_FROM } from './harness/billing';
import { exactly } from './harness/exactly';
import { ACME, ENGINES, expect, OPERATOR, organization, test, VIEWER, type Page, type World } from './harness/test';

const SPAN = 'from=2026-09-01&to=2026-09-30';

/** A record of usage, what it cost as the server has written it. */
interface UsageRecord {
  ChargePeriodStart: string;
  BillingAccountName: string;
  x_ProductFamilyName: string;
  BilledCost: string;
}

/** The records of an organization and all below it. */
async function records(page: Page, world: World): Promise<UsageRecord[]> {
  const text = await (await page.request.get(`${world.url}/client/v4/organizations/${ACME}/billable/usage?${SPAN}`)).text();
  return JSON.parse(text.replace(/"BilledCost":([^,}]+)/g, '"BilledCost":"$1"')).result;
}

const costsOf = (all: UsageRecord[]) => all.map(({ BilledCost }) => BilledCost);
const days = (page: Page) => page.locator('.recharts-bar').first().locator('.recharts-bar-rectangle');

test('chart and table agree with the records of the server to the last digit', ENGINES, async ({ page, visit, world }) => {
  await visit(OPERATOR, `/usage?organization=${ACME}&${SPAN}`);
  const all = await records(page, world);
  expect(all.length).toBeGreaterThan(500);
  const total = exactly(costsOf(all));
  expect(exactly([String(costsOf(all).reduce((sum, one) => sum + Number(one), 0))]), 'doubles get these records wrong').not.toBe(total);
  expect(exactly([await page.getByTestId('total').innerText()])).toBe(total);
  expect(exactly([await page.getByTestId('table-total').innerText()])).toBe(total);

  const rows = await page.getByRole('table', { name: 'Costs in USD' }).locator('tbody tr').all();
  const accounts = new Set(all.map(({ BillingAccountName }) => BillingAccountName));
  expect(rows.length).toBe(accounts.size);
  for (const one of rows) {
    const [name = '', , billed = ''] = await one.locator('td').allInnerTexts();
    expect(exactly([billed]), name).toBe(exactly(costsOf(all.filter(({ BillingAccountName }) => BillingAccountName === name))));
  }
});

test('the costs of a day show with the pointer, and are those of its records', async ({ page, visit, world }) => {
  await visit(OPERATOR, `/usage?organization=${ACME}&${SPAN}&group_by=service`);
  const all = await records(page, world);
  await expect(days(page)).toHaveCount(30);
  for (const day of [1, 15, 30]) {
    await days(page).nth(day - 1).hover();
    const told = page.locator('.told');
    await expect(told.locator('strong')).toHaveText(`Sep ${day}`);
    const ofDay = all.filter(({ ChargePeriodStart }) => ChargePeriodStart.startsWith(`2026-09-${String(day).padStart(2, '0')}`));
    expect(exactly([await told.locator('p').innerText()])).toBe(exactly(costsOf(ofDay)));
    const services = new Set(ofDay.map(({ x_ProductFamilyName }) => x_ProductFamilyName));
    await expect(told.locator('li')).toHaveCount(services.size);
    for (const service of services) {
      const part = await told.locator('li').filter({ hasText: service }).locator('.number').innerText();
      expect(exactly([part]), service).toBe(exactly(costsOf(ofDay.filter(({ x_ProductFamilyName }) => x_ProductFamilyName === service))));
    }
  }
});

test('the address holds what the costs are split by', async ({ page, visit }) => {
  await visit(OPERATOR, `/usage?organization=${ACME}&${SPAN}`);
  await page.getByRole('button', { name: /Split by/ }).click();
  await page.getByRole('option', { name: 'By metric' }).click();
  await expect(page).toHaveURL(/group_by=metric/);
  await expect(page.getByRole('table', { name: 'Costs in USD' })).toContainText('Stored bytes');
});

test('what a product sends shows at once, with as many digits as it takes', ENGINES, async ({ page, visit, world }) => {
  const id = await organization(world, 'Metered', null);
  const account = await world.ask('POST', '/client/v4/accounts', { name: 'Meter', unit: { id } });
  const now = new Date().toISOString();
  for (const [metric, list_unit_price, value] of [
    ['grains', '0.000000000001', '0.000001'],
    ['ships', '123456789', '1000.001'],
  ]) {
    const event_type = `com.example.${metric}`;
    await world.ask('POST', '/umbel/v1/metrics', { id: metric, name: metric, event_type, aggregation: 'sum', value_property: 'value', unit: 'Units', service_name: 'Trade', service_category: 'Other' });
    await world.ask('POST', '/umbel/v1/prices', { metric_id: metric, currency: 'USD', list_unit_price, effective_from: PRICES_FROM });
    await world.meter(id, { type: event_type, subject: account.id, time: now, data: { value } });
  }
  const day = now.slice(0, 10);
  await visit(OPERATOR, `/usage?organization=${id}&from=${day}&to=${day}&group_by=metric`);
  await expect(page.getByTestId('total')).toHaveText('123,456,912,456.789000000000000001 USD');
  await expect(page.getByTestId('table-total')).toHaveText('123,456,912,456.789000000000000001 USD');
  await expect(page.getByRole('row', { name: /grains/ })).toContainText('0.000000000000000001 USD');
});

test('whoever may not read costs is told so', async ({ page, visit }) => {
  await visit(VIEWER, `/usage?organization=${ACME}&${SPAN}`);
  await expect(page.getByRole('alert')).toBeVisible();
  await expect(page.getByTestId('total')).toHaveCount(0);
});
