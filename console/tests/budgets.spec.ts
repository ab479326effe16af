import { spending } from './harness/billing';
import { exactly } from './harness/exactly';
import { ACME, BILLER, ENGINES, expect, organization, ROOT, question, test, VIEWER, OPERATOR, type Page } from './harness/test';

const budget = (page: Page, name: string) => page.getByRole('row', { name: new RegExp(`^${name}`) });

test('a budget shows what is spent of it to the digit, and which thresholds that reached', ENGINES, async ({ page, visit, world }) => {
  const { root } = await spending(world, 'Spender', new Date());
  await visit(OPERATOR, `/usage/budgets?organization=${root}`);
  await page.getByRole('button', { name: 'New budget' }).click();
  const dialog = question(page);
  await dialog.getByLabel('Name').fill('Half spent');
  const { result: costs } = await (await page.request.get(`/umbel/v1/organizations/${root}/costs`)).json();
  const billed = Number(costs[0].billed_cost);
  await dialog.getByLabel('Amount a month').fill((billed * 1.6).toFixed(6));
  await dialog.getByLabel('Thresholds, in percent').fill('50 60, 80');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('The budget Half spent was saved')).toBeVisible();
  const made = budget(page, 'Half spent');
  expect(exactly([await made.getByTestId('spent').innerText()])).toBe(exactly([costs[0].billed_cost]));
  await expect(made).toContainText('62.5 % of');
  for (const reached of ['50 % reached', '60 % reached']) await expect(made).toContainText(reached);
  await expect(made).not.toContainText('80 % reached');

  // The worker tells of it in the log, where the reader is led.
  await made.getByRole('link', { name: /^60 % in/ }).click();
  await expect(page.getByRole('table', { name: 'Audit log' })).toContainText('budget', { ignoreCase: true });
});

test('a budget is changed and deleted', ENGINES, async ({ page, visit, world }) => {
  const id = await organization(world, 'Careful', ACME);
  await world.ask('POST', `/umbel/v1/organizations/${id}/budgets`, { name: 'Cloud', amount: '100', thresholds: [90] });
  await visit(ROOT, `/usage/budgets?organization=${id}`);
  await expect(budget(page, 'Cloud')).toContainText('0.0 % of 100.00 USD');
  await page.getByRole('button', { name: 'Actions for Cloud' }).click();
  await page.getByRole('menuitem', { name: 'Change' }).click();
  const dialog = question(page);
  await expect(dialog.getByLabel('Thresholds, in percent')).toHaveValue('90');
  await dialog.getByLabel('Amount a month').fill('250.5');
  await dialog.getByLabel('Currency').fill('eur');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(budget(page, 'Cloud')).toContainText('0.0 % of 250.50 EUR');
  await page.getByRole('button', { name: 'Actions for Cloud' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await question(page).getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByText('No budgets', { exact: true })).toBeVisible();
});

test('what is no budget is refused where it was typed', async ({ page, visit, world }) => {
  const id = await organization(world, 'Mistaken', ACME);
  await visit(ROOT, `/usage/budgets?organization=${id}`);
  await page.getByRole('button', { name: 'New budget' }).click();
  const dialog = question(page);
  await dialog.getByLabel('Name').fill('Wrong');
  await dialog.getByLabel('Amount a month').fill('0');
  await dialog.getByLabel('Thresholds, in percent').fill('half');
  await expect(dialog).toContainText('Say them as whole numbers');
  await expect(dialog.getByRole('button', { name: 'Save' })).toBeDisabled();
  await dialog.getByLabel('Thresholds, in percent').fill('5000');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog.getByRole('alert')).toContainText('must be more than 0');
  await expect(dialog.getByRole('alert')).toContainText('percentages from 1 to 1000');
});

test('a budget that somebody else changed meanwhile is not overwritten', async ({ page, visit, world }) => {
  const id = await organization(world, 'Contended', ACME);
  const path = `/umbel/v1/organizations/${id}/budgets`;
  const made = await world.ask('POST', path, { name: 'Cloud', amount: '100' });
  await visit(ROOT, `/usage/budgets?organization=${id}`);
  await page.getByRole('button', { name: 'Actions for Cloud' }).click();
  await page.getByRole('menuitem', { name: 'Change' }).click();
  const dialog = question(page);
  await dialog.getByLabel('Amount a month').fill('300');
  await expect(dialog.getByRole('button', { name: 'Save' })).toBeEnabled();
  await world.ask('PATCH', `${path}/${made.id}`, { amount: '200' });
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog.getByRole('alert')).toBeVisible();
  expect((await world.ask('GET', `${path}/${made.id}`)).amount).toBe('200');
});

test('who reads costs sees budgets, and changes none', ENGINES, async ({ page, visit }) => {
  await visit(BILLER, `/usage/budgets?organization=${ACME}`);
  await expect(budget(page, 'Cloud')).toBeVisible();
  await expect(page.getByRole('button', { name: 'New budget' })).toHaveCount(0);
  await expect(budget(page, 'Cloud').getByRole('button')).toHaveCount(0);
  await visit(ROOT, `/usage/budgets?organization=${ACME}`);
  await expect(page.getByRole('button', { name: 'New budget' })).toBeVisible();
  await visit(VIEWER, `/usage/budgets?organization=${ACME}`);
  await expect(page.getByRole('alert')).toBeVisible();
  await expect(page.getByRole('table', { name: 'Budgets' })).toHaveCount(0);
});

test('where there are no budgets it says what they are, and a budget is made by keyboard alone', async ({ page, visit, world }) => {
  const id = await organization(world, 'Typist', ACME);
  await visit(ROOT, `/usage/budgets?organization=${id}`);
  await expect(page.getByText('When what is billed reaches one of its thresholds')).toBeVisible();
  await page.getByRole('button', { name: 'New budget' }).focus();
  await page.keyboard.press('Enter');
  const dialog = question(page);
  await expect(dialog).toBeVisible();
  while (!(await dialog.getByLabel('Name').evaluate((field) => field === document.activeElement))) await page.keyboard.press('Tab');
  await page.keyboard.type('Typed');
  await page.keyboard.press('Tab');
  await page.keyboard.type('12');
  await page.keyboard.press('Enter');
  await expect(budget(page, 'Typed')).toContainText('0.0 % of 12.00 USD');
});
