// Makes a small tree with an account in it, shows it with what happened there, and removes it again.
//
// The client reads CLOUDFLARE_BASE_URL and CLOUDFLARE_API_TOKEN by itself: npm install cloudflare

import Cloudflare from 'cloudflare';

const client = new Cloudflare();

const acme = await client.organizations.create({ name: 'Acme' });
const shop = await client.organizations.create({ name: 'Acme Shop', parent: { id: acme.id } });
const account = await client.accounts.create({ name: 'Web shop', type: 'standard', unit: { id: shop.id } });

for await (const organization of client.organizations.list({ containing: { account: account.id } })) {
  console.log('above the account:', organization.name);
}

try {
  await client.organizations.delete(acme.id);
} catch (refused) {
  if (!(refused instanceof Cloudflare.ConflictError)) throw refused;
  // Everything that is in the way, each with a code: docs/errors.md.
  for (const { code, message } of refused.errors) console.log('refused:', code, message);
}

const hour = 60 * 60 * 1000;
const since = new Date(Date.now() - hour).toISOString();
const before = new Date(Date.now() + hour).toISOString();
for await (const entry of client.organizations.logs.audit.list(acme.id, { since, before })) {
  console.log(entry.action.description, 'by', entry.actor.email);
}

await client.accounts.delete({ account_id: account.id });
await client.organizations.delete(shop.id);
await client.organizations.delete(acme.id);
