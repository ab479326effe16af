// Organizations and their profiles, by every method that the client has for them, at both base URLs.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import Cloudflare from 'cloudflare';

import { BASES, MERIDIAN, UNKNOWN_ID, VERA, newPerson, withKey, withToken } from './server.js';

const PROFILE = {
  business_address: '{"line1":"1 Stalk Street","zipcode":"12345"}',
  business_email: 'office@umbellifers.example',
  business_name: 'Umbellifers Ltd',
  business_phone: '',
  external_metadata: '{"tabs":"\\t", "unicode":"🌿"}',
};

for (const [place, base] of [['at the root', BASES[0]], ['under the prefix', BASES[1]]]) {
  describe(place, () => {
    test('an organization is created, read, listed, renamed and deleted', async () => {
      const client = withToken((await newPerson()).token, base);
      const root = await client.organizations.create({ name: 'Angelica' });
      const child = await client.organizations.create({ name: 'Archangelica', parent: { id: root.id } });
      assert.deepEqual([child.name, child.parent], ['Archangelica', { id: root.id, name: 'Angelica' }]);
      assert.ok(!Number.isNaN(Date.parse(child.create_time)));
      assert.deepEqual(await client.organizations.get(child.id), child);
      const names = [];
      for await (const organization of client.organizations.list()) names.push(organization.name);
      assert.deepEqual(names, ['Angelica', 'Archangelica']);
      const of_root = await client.organizations.list({ parent: { id: root.id } });
      assert.deepEqual(of_root.result.map(({ id }) => id), [child.id]);
      assert.equal((await client.organizations.update(child.id, { name: 'Sylvestris' })).name, 'Sylvestris');
      assert.deepEqual(await client.organizations.delete(child.id), { id: child.id });
      await assert.rejects(client.organizations.get(child.id), Cloudflare.NotFoundError);
    });

    test('a profile that was put comes back byte for byte', async () => {
      const client = withToken((await newPerson()).token, base);
      const { id } = await client.organizations.create({ name: 'Angelica' });
      await assert.rejects(client.organizations.organizationProfile.get(id), Cloudflare.NotFoundError);
      await client.organizations.organizationProfile.update(id, PROFILE);
      assert.deepEqual(await client.organizations.organizationProfile.get(id), PROFILE);
      assert.deepEqual((await client.organizations.get(id)).profile, PROFILE);
    });
  });
}

/** What a call fails with, which must be of this class, final, and carry the whole envelope. */
async function refused(kind, call) {
  let sent = 0;
  const counting = (...request) => {
    sent += 1;
    return fetch(...request);
  };
  const error = await call(counting).then(() => assert.fail('it was not refused'), (error) => error);
  assert.ok(error instanceof kind, `${error}`);
  assert.equal(sent, 1, 'the client does not try again');
  assert.ok(error.errors.length > 0 && error.errors.every(({ code, message }) => code >= 1000 && message), `${error}`);
  return error;
}

test('every refusal is the error that the client has for it', async () => {
  const { token } = await newPerson();
  const root = await withToken(token).organizations.create({ name: 'Angelica' });
  await withToken(token).organizations.create({ name: 'Archangelica', parent: { id: root.id } });
  const by = (fetch) => withToken(token, BASES[1], { fetch }).organizations;
  const vera = (fetch) => withKey(VERA, BASES[1], { fetch }).organizations;
  const bad = await refused(Cloudflare.BadRequestError, (fetch) => by(fetch).create({ name: 7 }));
  assert.equal(bad.errors[0].source.pointer, '/name');
  await refused(Cloudflare.AuthenticationError, (fetch) => withToken(`${token}x`, BASES[1], { fetch }).organizations.list());
  await refused(Cloudflare.PermissionDeniedError, (fetch) => vera(fetch).update(MERIDIAN, { name: 'Mine' }));
  await refused(Cloudflare.NotFoundError, (fetch) => by(fetch).get(UNKNOWN_ID));
  await refused(Cloudflare.NotFoundError, (fetch) => by(fetch).get(MERIDIAN));
  await refused(Cloudflare.ConflictError, (fetch) => by(fetch).delete(root.id));
});
