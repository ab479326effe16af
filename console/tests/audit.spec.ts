import { ACME, ENGINES, expect, OPERATOR, organization, test } from './harness/test';

test('filters are chips, and the address of the page holds them', ENGINES, async ({ page, visit, world }) => {
  const id = await organization(world, 'Logged', null);
  await world.ask('PUT', `/client/v4/organizations/${id}`, { name: 'Logged again' });
  await visit(OPERATOR, `/audit?organization=${id}`);
  const log = page.getByRole('table', { name: 'Audit log' });
  await expect(log.getByRole('row')).toHaveCount(3);
  await page.getByRole('button', { name: 'Filter', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: /Value/ }).click();
  await page.getByRole('option', { name: 'Update' }).click();
  await page.getByRole('button', { name: 'Add the filter' }).click();
  await expect(page).toHaveURL(/action_type=update/);
  await expect(log.getByRole('row')).toHaveCount(2);
  await page.goto(`/console/audit?organization=${id}&action_type.not=update`);
  await expect(page.getByRole('row', { name: /Action is not update/ })).toBeVisible();
  await expect(log).toContainText('Create organization');
  await expect(log).not.toContainText('Update organization');
  await page.getByRole('row', { name: /Action is not update/ }).focus();
  await page.keyboard.press('Delete');
  await expect(log.getByRole('row')).toHaveCount(3);
});

test('an entry shows what it made different, and is proved in the browser', ENGINES, async ({ page, visit, world }) => {
  const id = await organization(world, 'Before', ACME);
  await world.ask('PUT', `/client/v4/organizations/${id}`, { name: 'After' });
  await visit(OPERATOR, `/audit?organization=${id}`);
  await page.getByRole('button', { name: 'Update organization' }).click();
  const entry = page.getByRole('dialog', { name: 'Update organization' });
  await expect(entry.getByRole('region', { name: 'What it made different' })).toContainText('/name');
  await expect(entry.getByRole('region', { name: 'What it made different' })).toContainText('Before');
  await expect(entry.getByRole('region', { name: 'What it made different' })).toContainText('After');
  await expect(entry.getByRole('region', { name: 'Proof' })).toContainText('Proved: this browser computed the signed root');
});

test('a proof that leads elsewhere is noticed', async ({ page, visit, world }) => {
  const id = await organization(world, 'Tampered', null);
  await world.ask('PUT', `/client/v4/organizations/${id}`, { name: 'Tampered with' });
  await page.route('**/proof?*', async (route) => {
    const answer = await route.fetch();
    const body = await answer.json();
    if (body.result) body.result.leaf_hash = body.result.leaf_hash.replace(/^./, (digit: string) => (digit === '0' ? '1' : '0'));
    await route.fulfill({ response: answer, json: body });
  });
  await visit(OPERATOR, `/audit?organization=${id}`);
  await page.getByRole('button', { name: 'Update organization' }).click();
  await expect(page.getByRole('region', { name: 'Proof' })).toContainText('does not lead to the signed root');
});

test('what is written meanwhile shows while it is live', ENGINES, async ({ page, visit, world }) => {
  const id = await organization(world, 'Watched', null);
  await visit(OPERATOR, `/audit?organization=${id}`);
  const log = page.getByRole('table', { name: 'Audit log' });
  await expect(log.getByRole('row')).toHaveCount(2);
  await page.getByText('Live', { exact: true }).click();
  await organization(world, 'Below', id);
  await expect(log.getByRole('row')).toHaveCount(3);
  await expect(log.getByRole('row').nth(1)).toContainText('Watched');
});

test('the export has what is shown', async ({ page, visit, world }) => {
  const id = await organization(world, 'Sent out', null);
  await visit(OPERATOR, `/audit?organization=${id}&action_type=create`);
  await page.getByRole('button', { name: 'Export' }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('menuitem', { name: /NDJSON/ }).click();
  const stream = await (await download).createReadStream();
  let text = '';
  for await (const part of stream) text += part;
  const lines = text.trim().split('\n').map((line) => JSON.parse(line));
  expect(lines.map(({ resource }) => resource.id)).toEqual([id]);
});

test('a checkpoint can be taken away', async ({ page, visit }) => {
  await visit(OPERATOR, `/audit?organization=${ACME}`);
  await page.getByRole('button', { name: 'Checkpoint' }).click();
  await expect(page.getByRole('dialog').getByTestId('secret')).toContainText('—');
});

test('times are in the zone of the reader, with UTC beside them', async ({ page, visit, world }) => {
  const id = await organization(world, 'Timed', ACME);
  const { create_time } = await world.ask('GET', `/client/v4/organizations/${id}`);
  await visit(OPERATOR, `/organizations/${id}`);
  const time = page.getByRole('time').first();
  const local = new Intl.DateTimeFormat('en-US', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'America/New_York' });
  await expect(time).toHaveText(local.format(new Date(create_time)));
  await expect(time).toHaveAttribute('title', create_time.replace('T', ' ').replace('Z', ' UTC'));
});
