import { MONTH, MONTH_NAME, spending } from './harness/billing';
import { exactly } from './harness/exactly';
import { ACME, BILLER, ENGINES, expect, METERED, OPERATOR, ROOT, question, row, test, VIEWER, type Page, type World } from './harness/test';

interface Invoice {
  id: string;
  account_name: string;
  total: string;
}

/** The invoices of a month as the server has them. */
async function invoices(page: Page, world: World, organization: string, month: string): Promise<Invoice[]> {
  return (await (await page.request.get(`${world.url}/umbel/v1/organizations/${organization}/billing-periods/${month}/invoices?page_size=1000`)).json()).result;
}

/** What the cells of a column of a table say. */
async function column(page: Page, table: string, place: number): Promise<string[]> {
  return page.getByRole('table', { name: table }).locator(`tbody td:nth-child(${place})`).allInnerTexts();
}

const month = (page: Page, name: string) => page.getByRole('row', { name: new RegExp(`^${name}`) });

test('an operator closes a month once they have read what cannot change any more, and its invoices are there', ENGINES, async ({ page, visit, world }) => {
  const { root } = await spending(world, 'Closable');
  await visit(OPERATOR, `/usage/invoices?organization=${root}`);
  await expect(month(page, MONTH_NAME)).toContainText('Open');
  await page.getByRole('link', { name: MONTH_NAME }).click();
  await expect(page.getByText('No invoices', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Actions' }).click();
  await page.getByRole('menuitem', { name: 'Close the month' }).click();
  const dialog = question(page);
  await expect(dialog).toContainText('It cannot be opened again');
  await expect(dialog).toContainText('invoiced in a later month, as a correction');
  await dialog.getByRole('button', { name: 'Close the month' }).click();
  await expect(page.getByText(`${MONTH_NAME} is closed, its invoices are being made`)).toBeVisible();
  await expect(page.getByRole('table', { name: 'Invoices' }).locator('tbody tr')).toHaveCount(2);
  await expect(page.getByText('Closed', { exact: true }).first()).toBeVisible();
  const { result } = await (await page.request.get(`/umbel/v1/organizations/${root}/billing-periods/${MONTH}`)).json();
  await expect(page.getByText(result.content_hash)).toBeVisible();
});

test('a running month cannot be closed', async ({ page, visit }) => {
  await visit(OPERATOR, `/usage/invoices?organization=${ACME}`);
  const running = page.getByRole('table', { name: 'Months' }).locator('tbody tr').first();
  await expect(running).toContainText('Running');
  await expect(running.getByRole('button')).toHaveCount(0);
});

test('invoices, their lines and their files agree to the digit', ENGINES, async ({ page, visit, world }) => {
  await visit(OPERATOR, `/usage/invoices/${METERED}?organization=${ACME}`);
  await expect(page.getByTestId('invoiced')).toBeVisible();
  const all = await invoices(page, world, ACME, METERED);
  expect(all.length).toBeGreaterThan(5);
  const totals = await column(page, 'Invoices', 3);
  expect(totals.map((total) => exactly([total]))).toEqual(all.map(({ total }) => exactly([total])));
  const invoiced = exactly(all.map(({ total }) => total));
  expect(exactly([await page.getByTestId('invoiced').innerText()])).toBe(invoiced);

  await page.getByRole('button', { name: 'Download' }).click();
  const downloading = page.waitForEvent('download');
  await page.getByRole('menuitem', { name: 'FOCUS as CSV' }).click();
  const file = await downloading;
  expect(file.suggestedFilename()).toContain(`${METERED}.csv`);
  const rows = (await text(await file.createReadStream())).trimEnd().split('\n').map((line) => line.split(','));
  const billed = rows[0]?.findIndex((name) => name === 'BilledCost') ?? -1;
  expect(exactly(rows.slice(1).map((cells) => cells[billed] ?? ''))).toBe(invoiced);

  for (const { account_name, total } of all.slice(0, 3)) {
    await page.getByRole('table', { name: 'Invoices' }).getByRole('link', { name: account_name, exact: true }).click();
    await expect(page.getByTestId('total')).toHaveText(await page.getByTestId('table-total').innerText());
    expect(exactly([await page.getByTestId('total').innerText()])).toBe(exactly([total]));
    expect(exactly(await column(page, 'Lines', 3)), account_name).toBe(exactly([total]));
    await page.getByRole('link', { name: /^All invoices of/ }).click();
  }
});

async function text(stream: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts).toString();
}

test('an invoice leads to its account', async ({ page, visit, world }) => {
  await visit(BILLER, `/usage/invoices/${METERED}?organization=${ACME}`);
  // Another one is closed to who has no second factor.
  const one = (await invoices(page, world, ACME, METERED)).find(({ account_name }) => account_name !== 'Acme corporate site');
  const link = page.getByRole('link', { name: one?.account_name ?? '', exact: true });
  await link.click();
  await expect(page).toHaveURL(new RegExp(`/${one?.id}`));
  await link.click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(one?.account_name ?? '');
});

test('a closed month that is made again has the hash that it was closed with', ENGINES, async ({ page, visit }) => {
  await visit(BILLER, `/usage/invoices/${METERED}?organization=${ACME}`);
  await page.getByRole('button', { name: 'Actions' }).click();
  await page.getByRole('menuitem', { name: 'Make it again and compare' }).click();
  const dialog = question(page);
  await expect(dialog.getByRole('heading', { name: 'It agrees' })).toBeVisible();
  const hashes = await dialog.locator('dd').allInnerTexts();
  expect(hashes[0]).toMatch(/^[0-9a-f]{64}$/);
  expect(hashes[1]).toBe(hashes[0]);
});

test('a replay that comes out otherwise is told as loudly as it is bad', async ({ page, visit }) => {
  await page.route('**/replay', (route) => route.fulfill({ json: { result: { content_hash: 'f'.repeat(64), matches: false }, success: true, errors: [], messages: [] } }));
  await visit(BILLER, `/usage/invoices/${METERED}?organization=${ACME}`);
  await page.getByRole('button', { name: 'Actions' }).click();
  await page.getByRole('menuitem', { name: 'Make it again and compare' }).click();
  await expect(question(page).getByRole('heading', { name: 'It does not agree' })).toBeVisible();
});

test('each role sees of months and invoices what it may', ENGINES, async ({ page, visit, world }) => {
  const { root, below } = await spending(world, 'Shared');
  await world.closed(root, MONTH);
  await world.person('root.biller@acme.example', 'Rita', { role: 'billing', at: root });
  await world.person('branch.biller@acme.example', 'Bruno', { role: 'billing', at: below });

  await visit('root.biller@acme.example', `/usage/invoices?organization=${root}`);
  await expect(month(page, MONTH_NAME)).toContainText('Closed');
  await expect(page.getByText('Operators of the server close months.')).toBeVisible();
  const open = page.getByRole('table', { name: 'Months' }).getByRole('row').filter({ hasText: /Open/ }).first();
  await expect(open).toBeVisible();
  await expect(open.getByRole('button')).toHaveCount(0);
  await page.goto(`/console/usage/invoices/${MONTH}?organization=${root}`);
  await expect(page.getByRole('table', { name: 'Invoices' }).locator('tbody tr')).toHaveCount(2);

  await visit('branch.biller@acme.example', `/usage/invoices?organization=${below}`);
  await expect(page.getByText('Months are closed for a whole tree')).toBeVisible();
  await page.getByRole('link', { name: MONTH_NAME }).click();
  await expect(page.getByRole('table', { name: 'Invoices' }).locator('tbody tr')).toHaveCount(1);
  await expect(row(page, 'Shared branch')).toBeVisible();
  await page.goto(`/console/usage/invoices?organization=${root}`);
  await expect(page.getByRole('alert')).toBeVisible();

  await visit(VIEWER, `/usage/invoices/${METERED}?organization=${ACME}`);
  await expect(page.getByRole('alert')).toBeVisible();
  await expect(page.getByTestId('invoiced')).toHaveCount(0);
});

test('months and invoices are walked by keyboard', async ({ page, visit }) => {
  await visit(ROOT, `/usage?organization=${ACME}`);
  const tabs = page.getByRole('navigation', { name: 'Parts of usage and cost' });
  await tabs.getByRole('link', { name: 'Invoices' }).focus();
  await page.keyboard.press('Enter');
  const link = page.getByRole('table', { name: 'Months' }).getByRole('link', { name: 'September 2026' });
  await link.focus();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Actions for September 2026' })).toBeFocused();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'It agrees' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(question(page)).toHaveCount(0);
  await link.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('invoiced')).toBeVisible();
  await expect(tabs.getByRole('link', { name: 'Invoices' })).toHaveAttribute('aria-current', 'page');
});
