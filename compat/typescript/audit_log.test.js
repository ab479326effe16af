// The audit log, by the methods that the client has for it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import Cloudflare from 'cloudflare';

import { ADA, HARBOUR, HARBOUR_ENTRIES, VERA, newPerson, withKey, withToken } from './server.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const YEAR = { since: '2025-01-01', before: '2026-01-01' };

async function collect(pages) {
  const items = [];
  for await (const item of pages) items.push(item);
  return items;
}

test('the client pages through a long log to its end by itself', async () => {
  const { audit } = withKey(ADA).organizations.logs;
  for (const asked of [{ limit: 1000 }, { limit: 1000, direction: 'asc' }, {}]) {
    const entries = await collect(audit.list(HARBOUR, { ...YEAR, ...asked }));
    assert.equal(entries.length, HARBOUR_ENTRIES);
    assert.equal(new Set(entries.map(({ id }) => id)).size, HARBOUR_ENTRIES);
    const numbers = entries.map(({ id }) => Number(id.split('-')[1]));
    const step = asked.direction === 'asc' ? 1 : -1;
    assert.ok(numbers.every((number, at) => at === 0 || number - numbers[at - 1] === step));
  }
});

test('what is left out does not come', async () => {
  const { audit } = withKey(ADA).organizations.logs;
  const not = Array.from({ length: 6 }, (_, n) => `berth-${n}`);
  const entries = await collect(audit.list(HARBOUR, { ...YEAR, limit: 1000, resource_id: { not } }));
  assert.equal(entries.length, Math.floor(HARBOUR_ENTRIES / 7));
  assert.ok(entries.every(({ resource }) => resource.id === 'berth-6'));
});

test('an entry says who did what, and has a history', async () => {
  const owner = await newPerson();
  const { organizations } = withToken(owner.token);
  const { id } = await organizations.create({ name: 'First' });
  for (const name of ['Second', 'Third']) await organizations.update(id, { name });
  const span = { since: new Date(Date.now() - DAY_MS).toISOString(), before: new Date(Date.now() + DAY_MS).toISOString() };
  const [newest] = (await organizations.logs.audit.list(id, span)).result;
  assert.deepEqual([newest.action.type, newest.action.result], ['update', 'success']);
  assert.deepEqual([newest.actor.email, newest.organization.id, newest.resource.id], [owner.email, id, id]);
  assert.deepEqual(newest.resource.request, { name: 'Third' });
  const params = { organization_id: id, action_time: newest.action.time, ...span };
  const history = await organizations.logs.audit.history(newest.id, params);
  assert.deepEqual(history.map(({ action }) => action.type), ['update', 'update', 'create']);
  await assert.rejects(organizations.logs.audit.history('none', params), Cloudflare.NotFoundError);
});

test('who may not read a log is told so, and strangers that there is none', async () => {
  await assert.rejects(withKey(VERA).organizations.logs.audit.list(HARBOUR, YEAR), Cloudflare.PermissionDeniedError);
  const stranger = withToken((await newPerson()).token);
  await assert.rejects(stranger.organizations.logs.audit.list(HARBOUR, YEAR), Cloudflare.NotFoundError);
});
