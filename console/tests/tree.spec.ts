import { ACME, ENGINES, EUROPE, expect, OPERATOR, organization, question, row, test } from './harness/test';

test('an organization is created, renamed and deleted', ENGINES, async ({ page, visit }) => {
  await visit(OPERATOR, `/?selected=${EUROPE}`);
  await page.getByRole('button', { name: 'New organization below' }).click();
  await question(page).getByLabel('Name').fill('Porto Roastery');
  await page.keyboard.press('Enter');
  await expect(page.getByText('Porto Roastery was created')).toBeVisible();
  await expect(row(page, 'Porto Roastery')).toHaveAttribute('aria-selected', 'true');
  await page.getByRole('button', { name: 'Rename' }).click();
  await expect(question(page)).toContainText('Rename Porto Roastery');
  await question(page).getByLabel('Name').fill('Braga Roastery');
  await page.keyboard.press('Enter');
  await expect(row(page, 'Braga Roastery')).toBeVisible();
  await page.getByRole('button', { name: 'Delete' }).click();
  await question(page).getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByText('Braga Roastery was deleted')).toBeVisible();
  await expect(row(page, 'Braga Roastery')).toHaveCount(0);
});

test('nothing can be done any more with an organization once another one is selected', async ({ page, visit }) => {
  await visit(OPERATOR, `/?selected=${EUROPE}`);
  const inspector = page.getByRole('region', { name: 'Selected organization' });
  await expect(inspector).toContainText('Acme Europe');
  await inspector.evaluate((node) => {
    const left = () => {
      if (node.hasAttribute('inert')) node.setAttribute('data-left', node.querySelector('h2')?.textContent ?? '');
    };
    new MutationObserver(left).observe(node, { attributeFilter: ['inert'] });
  });
  await row(page, 'Acme Group').click();
  await expect(inspector).toHaveAttribute('data-left', 'Acme Europe');
  await expect(inspector.getByRole('heading')).toHaveText('Acme Group');
  await expect(inspector.getByRole('button', { name: 'Rename' })).toBeEnabled();
});

test('what stands in the way of a deletion is named and linked', ENGINES, async ({ page, visit }) => {
  await visit(OPERATOR, `/?selected=${EUROPE}`);
  await page.getByRole('button', { name: 'Delete' }).click();
  const dialog = question(page);
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await expect(dialog).toContainText('Organizations below it: ');
  await dialog.getByRole('listitem').filter({ hasText: 'members' }).getByRole('link').click();
  await expect(page).toHaveURL(new RegExp(`${EUROPE}/members$`));
});

test('a move says who gains and who loses before it is made', ENGINES, async ({ page, visit, world }) => {
  const id = await organization(world, 'Wanderer', EUROPE);
  await visit(OPERATOR, `/?selected=${id}`);
  await page.getByRole('button', { name: 'Move', exact: true }).click();
  await page.getByRole('searchbox', { name: 'Search the new parent' }).fill('americas');
  await page.getByRole('option', { name: 'Acme Americas' }).click();
  const effect = page.getByTestId('effect');
  await expect(effect).toContainText('grace.okafor@acme.example');
  await expect(effect).toContainText('tomas.ferreira@acme.example');
  expect((await world.ask('GET', `/client/v4/organizations/${id}`)).parent.name).toBe('Acme Europe');
  await page.getByRole('button', { name: 'Move it' }).click();
  await expect(page.getByText('Wanderer was moved')).toBeVisible();
  expect((await world.ask('GET', `/client/v4/organizations/${id}`)).parent.name).toBe('Acme Americas');
});

test('an organization that is dragged onto another one is moved there after the same question', async ({ page, visit, world }) => {
  const id = await organization(world, 'Dragged', ACME);
  await visit(OPERATOR, `/?selected=${id}`);
  await row(page, 'Dragged').dragTo(row(page, 'Acme Asia Pacific'));
  await expect(question(page)).toContainText('to Acme Asia Pacific');
  await page.getByRole('button', { name: 'Move it' }).click();
  await expect(page.getByText('Dragged was moved')).toBeVisible();
  expect((await world.ask('GET', `/client/v4/organizations/${id}`)).parent.name).toBe('Acme Asia Pacific');
});

test('organizations are found while their name is typed', ENGINES, async ({ page, visit }) => {
  await visit(OPERATOR);
  await page.getByRole('searchbox', { name: 'Search organizations by name' }).pressSequentially('lisb');
  await page.getByRole('link', { name: /Lisbon Roastery/ }).click();
  await expect(page.getByRole('heading', { name: 'Lisbon Roastery', level: 1 })).toBeVisible();
  await expect(page.getByRole('navigation', { name: 'Breadcrumbs' })).toContainText('Acme Europe');
});

test('the keyboard alone walks the tree, opens a menu and finds a page', async ({ page, visit }) => {
  await visit(OPERATOR, `/?selected=${EUROPE}`);
  await expect(row(page, 'Acme Europe')).toBeVisible();
  await row(page, 'Acme Group').focus();
  await page.keyboard.press('ArrowDown');
  await expect(row(page, 'Acme Europe')).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await expect(row(page, 'Lisbon Roastery')).toBeVisible();
  await page.keyboard.press('ArrowRight');
  await expect(row(page, 'Lisbon Roastery')).toBeFocused();
  await page.keyboard.press('ArrowLeft');
  await expect(row(page, 'Acme Europe')).toBeFocused();
  await page.keyboard.press('ArrowLeft');
  await expect(row(page, 'Lisbon Roastery')).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Actions for Acme Europe' })).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Actions for Acme Europe' })).toBeFocused();
  await page.keyboard.press('Enter');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog', { name: 'Rename Acme Europe' })).toBeVisible();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('searchbox', { name: 'Search organizations and pages' })).toBeFocused();
  await page.keyboard.type('nordic');
  await expect(page.getByRole('menuitem', { name: /Nordic Wholesale/ })).toBeVisible();
  await expect(page.getByRole('searchbox', { name: 'Search organizations and pages' })).toHaveAttribute('aria-activedescendant', /./);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Nordic Wholesale', level: 1 })).toBeVisible();
});
