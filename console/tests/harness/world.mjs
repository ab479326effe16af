import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { METERED, metered } from './metered.mjs';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const COMPANY = join(ROOT, 'crates/umbel/src/demo.ndjson');
const DIST = join(ROOT, 'console/dist');
export { METERED };
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
  const psql = (statement) => run('psql', ['--quiet', '--no-psqlrc', '--command', statement, server]);
  await psql(`CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { database: url.href, drop: () => psql(`DROP DATABASE ${name} WITH (FORCE)`) };
}

/** Fails where the program has another console in it than the one that was built: it would be tested in its place. @param {string} url */
async function expectConsole(url) {
  for (const [path, file] of [['/console/', 'index.html'], ['/docs', 'docs.html']]) {
    const served = await (await fetch(url + path)).text();
    // The pages name their files, whose names have a hash of what is in them.
    if (served !== (await readFile(join(DIST, /** @type {string} */ (file)), 'utf8'))) throw new Error(`${program()} serves another ${file} than console/dist has: build it again`);
  }
}

/** Runs the program with lines to read. @param {string[]} args @param {string} input */
async function tell(args, input) {
  const running = run(program(), args);
  running.child.stdin?.end(input);
  return (await running).stdout;
}

/** The lines of a company of three levels, and of a month of what its accounts used. */
async function acme() {
  const company = await readFile(COMPANY, 'utf8');
  return company + metered(company);
}

/**
 * A real server with a company in a database of its own: the one that the lines describe, or Acme.
 *
 * @param {{ lines?: string }} [options]
 */
export async function world({ lines } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'umbel-console-'));
  const { database, drop } = await newDatabase(folder);
  await tell(['import', '--database', database, '-'], lines ?? (await acme()));
  const { api_token } = JSON.parse(await tell(['bootstrap', '--database', database, '--email', 'olga@acme.example', '--name', 'Olga Operator', '--json'], ''));
  const server = spawn(program(), ['serve', '--database', database, '--listen', '127.0.0.1:0', '--invitations=true', '--usage-window-days', '100'], { stdio: ['ignore', 'pipe', 'ignore'] });
  /** @type {string} */
  const url = await new Promise((resolve, reject) => {
    let said = '';
    server.stdout.on('data', (part) => {
      said += part;
      const found = /listening on (http:\/\/\S+)/.exec(said)?.[1];
      if (found) resolve(found);
    });
    server.on('exit', () => reject(new Error(`the server ended: ${said}`)));
  });
  await expectConsole(url);

  const bearer = { authorization: `Bearer ${api_token}` };
  /** @param {string} method @param {string} path @param {unknown} [body] */
  const ask = async (method, path, body) => {
    const answer = await fetch(url + path, { method, headers: { ...bearer, 'content-type': 'application/json' }, ...(body ? { body: JSON.stringify(body) } : {}) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${text}`);
    return text ? JSON.parse(text).result : undefined;
  };
  /** Sends what was used in an organization. @param {string} organization_id @param {Record<string, unknown>} event */
  const meter = async (organization_id, event) => {
    const { value } = await ask('POST', '/umbel/v1/tokens', { name: 'meter', kind: 'meter', organization_id });
    const headers = { authorization: `Bearer ${value}`, 'content-type': 'application/cloudevents+json' };
    const body = JSON.stringify({ specversion: '1.0', id: randomBytes(8).toString('hex'), source: '/tests', ...event });
    const answer = await fetch(`${url}/umbel/v1/usage/events`, { method: 'POST', headers, body });
    const text = await answer.text();
    if (!answer.ok || !text.includes('"accepted"')) throw new Error(text);
  };
  /** Gives a user the password with which they sign in. @param {string} email */
  const setPassword = (email) => tell(['user', 'set-password', '--database', database, '--email', email], `${PASSWORD}\n`);
  /** A user who can sign in, with a role where one is given. @param {string} email @param {string} name @param {{ role: string, at: string }} [membership] */
  const person = async (email, name, membership) => {
    const { id } = await ask('POST', '/umbel/v1/users', { email, name });
    if (membership) await ask('POST', `/umbel/v1/organizations/${membership.at}/members`, { email, role: membership.role, status: 'active' });
    await setPassword(email);
    return id;
  };
  /** Closes a month of a root, and waits until it has its invoices. @param {string} root @param {string} month */
  const closed = async (root, month) => {
    const path = `/umbel/v1/organizations/${root}/billing-periods/${month}`;
    await ask('POST', `${path}/close`);
    while ((await ask('GET', path)).state !== 'closed') await new Promise((resolve) => setTimeout(resolve, 20));
  };
  await setPassword('olga@acme.example');
  if (lines === undefined) {
    await person('vera@acme.example', 'Vera Viewer', { role: 'viewer', at: EUROPE });
    await person('rosa@acme.example', 'Rosa Root', { role: 'super_administrator', at: ACME });
    await person('bill@acme.example', 'Bill Biller', { role: 'billing', at: ACME });
    await ask('POST', `/umbel/v1/organizations/${ACME}/budgets`, { name: 'Cloud', amount: '25000' });
    await closed(ACME, METERED);
  }
  const close = async () => {
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill();
    await ended;
    await drop();
    await rm(folder, { recursive: true });
  };
  return { url, ask, meter, person, closed, close };
}
