// People sign in at a real provider, by HTTP from beginning to end.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, test } from 'node:test';
import { Browser } from './browser.js';

const home = process.env.UMBEL_COMPAT_URL;
const issuer = process.env.UMBEL_OIDC_ISSUER;
const operator = { 'x-auth-email': process.env.UMBEL_COMPAT_EMAIL, 'x-auth-key': process.env.UMBEL_COMPAT_KEY };

/** Tells the provider something. */
async function tell(path, body) {
  const answer = await fetch(`${issuer}/-/${path}`, { method: 'PUT', body: JSON.stringify(body) });
  assert.equal(answer.status, 204);
}

const setUp = (in_id_token) => tell('client', { callback: `${home}/umbel/v1/session/oidc/callback`, in_id_token });

/** Calls the API as the operator. */
async function operate(method, path, body) {
  const headers = { ...operator, 'content-type': 'application/json' };
  const answer = await fetch(`${home}/umbel/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
  assert.equal(answer.status, 200, `${method} ${path}`);
  return (await answer.json()).result;
}

/** Somebody whom the provider knows, and a user with their address. */
async function person(claims = {}) {
  const login = randomUUID();
  const email = `${login}@compat.example`;
  const user = await operate('POST', '/users', { email });
  await tell(`accounts/${login}`, { email, email_verified: true, ...claims });
  return { login, email, id: user.id };
}

/** Goes all the way until the server says whether it believes the provider. */
async function goThere(browser, login, change = (url) => url) {
  const there = await browser.signInThere(change(await browser.begin()), login);
  return browser.comeBack(there);
}

async function signIn(login) {
  const browser = new Browser(home);
  assert.equal(await goThere(browser, login), 'provider');
  return { browser, answer: await browser.enter() };
}

async function refused(login, code) {
  const { answer } = await signIn(login);
  assert.deepEqual([answer.status, answer.errors[0].code], [401, code]);
  assert.deepEqual(answer.cookies, []);
}

before(() => setUp(false));

test('the server says what the provider is called', async () => {
  const { result } = await new Browser(home).call('GET', '/umbel/v1/session/options');
  assert.deepEqual(result, { oidc: { name: 'Compat' } });
});

for (const [in_id_token, where] of [[false, 'is told who asks for it'], [true, 'is in the ID token']]) {
  test(`a verified address that ${where} signs in, and its subject from then on`, async () => {
    await setUp(in_id_token);
    const { login, email, id } = await person();
    const { browser, answer } = await signIn(login);
    assert.equal(answer.status, 200);
    assert.equal(answer.result.user.id, id);
    const cookie = answer.cookies.find((line) => line.startsWith('__Host-umbel='));
    assert.match(cookie, /^__Host-umbel=ums_\w+; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=86400$/);
    const me = await browser.call('GET', '/client/v4/user');
    assert.equal(me.result.email, email);
    const { result: identities } = await browser.call('GET', '/umbel/v1/user/identities');
    assert.deepEqual(identities.map((identity) => [identity.issuer, identity.subject]), [[issuer, login]]);

    for (const claims of [{ email: 'other@compat.example', email_verified: false }, {}]) {
      await tell(`accounts/${login}`, claims);
      const again = await signIn(login);
      assert.equal(again.answer.result?.user.id, id, JSON.stringify(again.answer));
    }
    const removed = await browser.call('DELETE', `/umbel/v1/user/identities/${identities[0].id}`);
    assert.equal(removed.status, 200);
    await refused(login, 1015);
    await setUp(false);
  });
}

test('an address counts only where the provider has seen that it is theirs', async () => {
  for (const claims of [{ email_verified: false }, { email_verified: undefined }, { email_verified: 'true' }, { email_verified: 1 }]) {
    const { login } = await person(claims);
    await refused(login, 1015);
  }
  await setUp(true);
  const { login } = await person({ email_verified: 'true' });
  assert.equal(await goThere(new Browser(home), login), 'problem=1013');
  await setUp(false);
});

test('nobody becomes a user by signing in', async () => {
  const login = randomUUID();
  await tell(`accounts/${login}`, { email: `${login}@compat.example`, email_verified: true });
  await refused(login, 1015);
});

test('who is disabled stays out', async () => {
  const { login, id } = await person();
  await operate('PATCH', `/users/${id}`, { disabled: true });
  await refused(login, 1015);
  await operate('PATCH', `/users/${id}`, { disabled: false });
  assert.equal((await signIn(login)).answer.status, 200);
  await operate('PATCH', `/users/${id}`, { disabled: true });
  await refused(login, 1015);
});

test('an address that somebody else has at the provider now does not make them the user', async () => {
  const { login, email } = await person();
  assert.equal((await signIn(login)).answer.status, 200);
  const heir = randomUUID();
  await tell(`accounts/${heir}`, { email, email_verified: true });
  await refused(heir, 1015);
});

test('a way back counts once, and for the browser that began', async () => {
  const { login } = await person();
  const browser = new Browser(home);
  const back = await browser.signInThere(await browser.begin(), login);
  assert.equal(await new Browser(home).comeBack(back), 'problem=1013');
  const other = new Browser(home);
  await other.begin();
  assert.equal(await other.comeBack(back), 'problem=1013');
  assert.equal(await browser.comeBack(back), 'provider');
  assert.equal(await browser.comeBack(back), 'problem=1013');

  // A code that was used counts no more, whoever shows it.
  const third = new Browser(home);
  const begun = new URL(await third.begin());
  const stolen = new URL(back);
  stolen.searchParams.set('state', begun.searchParams.get('state'));
  assert.equal(await third.comeBack(stolen.href), 'problem=1013');
});

test('what was changed on the way is noticed', async () => {
  const { login } = await person();
  const changed = (name, value) => (url) => {
    const to = new URL(url);
    to.searchParams.set(name, value);
    return to.href;
  };
  for (const name of ['nonce', 'state', 'code_challenge']) {
    const value = Buffer.alloc(32, 7).toString('base64url');
    assert.equal(await goThere(new Browser(home), login, changed(name, value)), 'problem=1013', name);
  }
  const browser = new Browser(home);
  const back = await browser.signInThere(await browser.begin(), login);
  assert.equal(new URL(back).searchParams.get('iss'), issuer);
  assert.equal(await browser.comeBack(changed('iss', 'https://elsewhere.example')(back)), 'problem=1013');
});

test('who breaks off at the provider is told so', async () => {
  const browser = new Browser(home);
  const { url, page } = await browser.follow(await browser.begin());
  const abort = /href="([^"]+abort)"/.exec(page)[1];
  const back = await browser.follow(new URL(abort, url).href);
  assert.equal(new URL(back.url).searchParams.get('error'), 'access_denied');
  assert.equal(await browser.comeBack(back.url), 'problem=1013');
});
