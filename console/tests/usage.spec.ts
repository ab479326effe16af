import { ACME, expect, OPERATOR, test } from './harness/test';

const SPAN = 'from=2026-09-01&to=2026-09-30';

/** Adds decimals as whole numbers of their smallest part, which no double has a part in. */
function exactly(decimals: string[]): string {
  const scale = 20;
  const units = decimals.map((text) => {
    const [whole = '0', fraction = ''] = text.replaceAll(',', '').split('.');
    return BigInt(whole + fraction.padEnd(scale, '0'));
  });
  const digits = units.reduce((total, one) => total + one, 0n).toString().padStart(scale + 1, '0');
  return `${digits.slice(0, -scale)}.${digits.slice(-scale).replace(/0+$/, '')}`;
}

test('chart and table agree with the rows to the last digit', async ({ page, visit, world }) => {
  await visit(OPERATOR, `/usage?organization=${ACME}&${SPAN}`);
  const answer = await page.request.get(`${world.url}/umbel/v1/organizations/${ACME}/costs?${SPAN}&group_by=day&group_by=account`);
  const rows: { billed_cost: string }[] = (await answer.json()).result;
  const total = exactly(rows.map(({ billed_cost }) => billed_cost));
  const shown = async (id: string) => ((await page.getByTestId(id).textContent()) ?? '').replace(' USD', '').replaceAll(',', '');
  expect(await shown('total')).toBe(total);
  expect(await shown('table-total')).toBe(total);
  const cells = await page.getByRole('table', { name: 'Costs in USD' }).locator('tbody td:last-child').allTextContents();
  expect(exactly(cells.map((text) => text.replace(' USD', '')))).toBe(total);
  expect(String(rows.reduce((sum, { billed_cost }) => sum + Number(billed_cost), 0)), 'doubles get these rows wrong').not.toBe(total);
});

test('the costs of a day show with the pointer, and add up', async ({ page, visit }) => {
  await visit(OPERATOR, `/usage?organization=${ACME}&${SPAN}&group_by=service`);
  await page.locator('.recharts-bar-rectangle').nth(3).hover();
  const told = page.locator('.told');
  await expect(told).toBeVisible();
  const parts = await told.locator('li .number').allTextContents();
  const sum = await told.locator('p').textContent();
  expect(parts.length).toBe(3);
  expect(exactly(parts.map((text) => text.replace(' USD', '')))).toBe(sum?.replace(' USD', '').replaceAll(',', ''));
});

test('the address holds what the costs are split by', async ({ page, visit }) => {
  await visit(OPERATOR, `/usage?organization=${ACME}&${SPAN}`);
  await page.getByRole('button', { name: /Split by/ }).click();
  await page.getByRole('option', { name: 'By metric' }).click();
  await expect(page).toHaveURL(/group_by=metric/);
  await expect(page.getByRole('table', { name: 'Costs in USD' })).toContainText('Stored bytes');
});

test('where the server sums nothing, its records are summed with every digit that they were written with', async ({ page, visit }) => {
  const record = (BillingAccountName: string, BilledCost: string) =>
    `{"BillingAccountId":"${BillingAccountName}","BillingAccountName":"${BillingAccountName}","ChargePeriodStart":"2026-09-02T00:00:00Z","x_BillableMetricId":"m","x_BillableMetricName":"m","BilledCost":${BilledCost},"BillingCurrency":"EUR"}`;
  const unpriced = '{"BillingAccountId":"c","BillingAccountName":"c","ChargePeriodStart":"2026-09-02T00:00:00Z","x_BillableMetricId":"m","x_BillableMetricName":"m"}';
  const records = [record('one', '12345678901234.000000000000000001'), record('one', '0.1'), record('two', '0.2'), record('two', '1e-18'), unpriced];
  const failure = { success: false, errors: [{ code: 1000, message: 'no such route' }], messages: [], result: null };
  await page.route('**/costs?*', (route) => route.fulfill({ status: 404, json: failure }));
  await page.route('**/billable/usage?*', (route) =>
    route.fulfill({ contentType: 'application/json', body: `{"success":true,"errors":[],"messages":[],"result":[${records.join(',')}]}` }),
  );
  await visit(OPERATOR, `/usage?organization=${ACME}&${SPAN}`);
  await expect(page.getByTestId('total')).toHaveText('12,345,678,901,234.300000000000000002 EUR');
  await expect(page.getByTestId('table-total')).toHaveText('12,345,678,901,234.300000000000000002 EUR');
  await expect(page.getByRole('row', { name: /^two/ })).toContainText('0.200000000000000001 EUR');
});
