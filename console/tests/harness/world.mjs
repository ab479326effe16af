import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
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

/** The program under test: the one that UMBEL_BIN names, or the newest build. */
function program() {
  const found = [process.env['UMBEL_BIN'], join(ROOT, 'target/release/umbel'), join(ROOT, 'target/debug/umbel')].find((path) => path && existsSync(path));
  if (!found) throw new Error('there is no program to test: run `cargo build -p umbel`, or name one with UMBEL_BIN');
  return found;
}

/**
 * A database of its own: in the PostgreSQL server that UMBEL_TEST_POSTGRES names, or a file.
 *
 * @param {string} folder
 */
async function newDatabase(folder) {
  const server = process.env['UMBEL_TEST_POSTGRES'];
  if (!server) return { database: `sqlite:${join(folder, 'umbel.db')}`, drop: async () => undefined };
  const name = `umbel_console_${randomBytes(8).toString('hex')}`;
  /** @param {string} statement */
  const tell = (statement) => run('psql', ['--quiet', '--no-psqlrc', '--command', statement, server]);
  await tell(`CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { database: url.href, drop: () => tell(`DROP DATABASE ${name} WITH (FORCE)`) };
}

/**
 * A company of three levels on a real server with a database of its own, and the console in front of it.
 *
 * @param {{ company?: string, port?: number }} [options]
 */
export async function world({ company = COMPANY, port } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'umbel-console-'));
  const { database, drop } = await newDatabase(folder);
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
  /** Gives a user the password with which they sign in. @param {string} email */
  const setPassword = async (email) => {
    const setting = run(umbel, ['user', 'set-password', '--database', database, '--email', email]);
    setting.child.stdin?.end(`${PASSWORD}\n`);
    await setting;
  };
  /** A user who can sign in, with a role where one is given. @param {string} email @param {string} name @param {{ role: string, at: string }} [membership] */
  const person = async (email, name, membership) => {
    const { id } = await ask('POST', '/umbel/v1/users', { email, name });
    if (membership) await ask('POST', `/umbel/v1/organizations/${membership.at}/members`, { email, role: membership.role, status: 'active' });
    await setPassword(email);
    return id;
  };
  await setPassword('olga@acme.example');
  if (company === COMPANY) {
    await person('vera@acme.example', 'Vera Viewer', { role: 'viewer', at: EUROPE });
    await person('rosa@acme.example', 'Rosa Root', { role: 'super_administrator', at: ACME });
  }
  const console = await serve({ upstream, ...(port ? { port } : {}) });
  const close = async () => {
    console.close();
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill();
    await ended;
    await drop();
    await rm(folder, { recursive: true });
  };
  return { url: console.url, ask, person, close };
}
