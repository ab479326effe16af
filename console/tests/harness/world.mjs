import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { serve } from './server.mjs';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const COMPANY = join(ROOT, 'crates/umbel/src/demo.ndjson');
/** The root of the company, and an organization in it. */
export const ACME = '0194cb09ba807a48afe88e0698c38e92';
export const EUROPE = '0194cb152c3071ea8bdfa2f14d2d1a4d';
export const PASSWORD = 'a long password for tests';
export const TOTP = '123456';

/** The program under test: the one that UMBEL_BIN names, or the newest build. */
function program() {
  const found = [process.env['UMBEL_BIN'], join(ROOT, 'target/release/umbel'), join(ROOT, 'target/debug/umbel')].find((path) => path && existsSync(path));
  if (!found) throw new Error('there is no program to test: run `cargo build -p umbel`, or name one with UMBEL_BIN');
  return found;
}

/**
 * A company of three levels on a real server with a database of its own, and the console in front of it.
 *
 * @param {{ company?: string, port?: number }} [options]
 */
export async function world({ company = COMPANY, port } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'umbel-console-'));
  const database = `sqlite:${join(folder, 'umbel.db')}`;
  const umbel = program();
  await run(umbel, ['import', '--database', database, company]);
  const operator = ['bootstrap', '--database', database, '--email', 'olga@acme.example', '--name', 'Olga Operator', '--json'];
  const { api_token } = JSON.parse((await run(umbel, operator)).stdout);
  const server = spawn(umbel, ['serve', '--database', database, '--listen', '127.0.0.1:0', '--invitations=true', '--public-url', 'https://umbel.example'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const upstream = await new Promise((resolve, reject) => {
    let said = '';
    server.stdout.on('data', (part) => {
      said += part;
      const url = /listening on (http:\/\/\S+)/.exec(said)?.[1];
      if (url) resolve(url);
    });
    server.on('exit', () => reject(new Error(`the server ended: ${said}`)));
  });

  const bearer = { authorization: `Bearer ${api_token}` };
  /** @param {string} method @param {string} path @param {unknown} [body] */
  const ask = async (method, path, body) => {
    const answer = await fetch(upstream + path, { method, headers: { ...bearer, 'content-type': 'application/json' }, ...(body ? { body: JSON.stringify(body) } : {}) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${text}`);
    return text ? JSON.parse(text).result : undefined;
  };
  /** A user with a role at a place. @param {string} email @param {string} name @param {string} role @param {string} place */
  const person = async (email, name, role, place) => {
    const { api_key } = await ask('POST', '/umbel/v1/users', { email, name });
    await ask('POST', `/umbel/v1/organizations/${place}/members`, { email, role, status: 'active' });
    return { email, password: PASSWORD, headers: { 'x-auth-email': email, 'x-auth-key': api_key } };
  };
  const hasCompany = company === COMPANY;
  const people = [
    { email: 'olga@acme.example', password: PASSWORD, headers: bearer },
    { email: 'olga.second@acme.example', password: PASSWORD, totp: TOTP, headers: bearer },
    ...(hasCompany ? [await person('vera@acme.example', 'Vera Viewer', 'viewer', EUROPE), await person('rosa@acme.example', 'Rosa Root', 'super_administrator', ACME)] : []),
    ...['first', 'second', 'third'].map((code) => ({ email: `${code}@link`, password: code, code, headers: bearer })),
  ];
  const console = await serve({ upstream, people, ...(port ? { port } : {}) });
  const close = async () => {
    console.close();
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill();
    await ended;
    await rm(folder, { recursive: true });
  };
  return { url: console.url, upstream, bearer, ask, close };
}
