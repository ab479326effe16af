// The server that the tests run against, and people who use it.

import { randomUUID } from 'node:crypto';
import Cloudflare from 'cloudflare';

const url = process.env.UMBEL_COMPAT_URL;
const operator = { email: process.env.UMBEL_COMPAT_EMAIL, key: process.env.UMBEL_COMPAT_KEY };

/** The names of what compat/python/seed.ndjson holds. */
export const MERIDIAN = '0197a0000000700080000000000000a1';
export const HARBOUR = '0197a0000000700080000000000000a2';
export const HARBOUR_ENTRIES = 10_000;
export const ADA = { email: 'ada@meridian.example', key: 'compat-key-of-ada-0123456789abcdef0123' };
export const VERA = { email: 'vera@meridian.example', key: 'compat-key-of-vera-0123456789abcdef012' };

/** Well-formed, and never made by anybody. */
export const UNKNOWN_ID = '0197a0000000700080000000000000ff';

/** The base URLs at which the API is served. */
export const BASES = [url, `${url}/client/v4`];

/** A client that sends an e-mail address with a global API key. */
export function withKey({ email, key }, baseURL = BASES[1], options = {}) {
  return new Cloudflare({ apiEmail: email, apiKey: key, apiToken: null, baseURL, ...options });
}

/** A client that sends a Bearer token. */
export function withToken(apiToken, baseURL = BASES[1], options = {}) {
  return new Cloudflare({ apiToken, apiEmail: null, apiKey: null, baseURL, ...options });
}

/** Makes a user who is in no organization yet, and a token of theirs. */
export async function newPerson(name = 'Someone New') {
  const email = `${randomUUID()}@compat.example`;
  const user = await call('POST', '/users', operator, { email, name });
  const person = { email, key: user.api_key };
  const token = await call('POST', '/tokens', person, { name: 'compat' });
  return { ...person, token: token.value };
}

/** Calls our own part of the API, which the official client does not know. */
async function call(method, path, { email, key }, body) {
  const headers = { 'content-type': 'application/json', 'x-auth-email': email, 'x-auth-key': key };
  const response = await fetch(`${url}/umbel/v1${path}`, { method, headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()).result;
}
