import { randomBytes } from 'node:crypto';
import { request as ask } from 'node:http';

/**
 * @typedef {{ email: string, password: string, totp?: string, code?: string, headers: Record<string, string> }} Person
 * @typedef {{ id: string, person: Person, create_time: string, last_used_on: string, user_agent: string }} Session
 */

/** The paths that belong to the API; everything else belongs to the console. */
const API = /^\/(client\/v4|umbel\/v1|healthz$|readyz$)/;
const SESSION = /^\/umbel\/v1\/session(s)?(\/[^?]*)?(\?.*)?$/;
const LIFETIME_MS = 12 * 60 * 60 * 1000;
const BODY_MAX = 64 * 1024;

/**
 * Stands in for the sign-in of the server: sessions in memory, a cookie, and the credential of its user on what it passes on.
 *
 * @param {{ upstream: string, people: Person[], signedIn?: boolean }} options
 * @returns {(request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse) => boolean} whether it answers
 */
export function standIn({ upstream, people, signedIn = false }) {
  /** @type {Map<string, Session>} */
  const sessions = new Map();

  /** @param {import('node:http').IncomingMessage} request */
  function current(request) {
    const id = /(?:^|; )umbel_session=([a-f0-9]+)/.exec(request.headers.cookie ?? '')?.[1];
    const session = id ? sessions.get(id) : undefined;
    if (session) session.last_used_on = new Date().toISOString();
    return session;
  }

  /** @param {Person} person @param {import('node:http').IncomingMessage} request */
  function open(person, request) {
    const now = new Date().toISOString();
    const session = { id: randomBytes(16).toString('hex'), person, create_time: now, last_used_on: now, user_agent: request.headers['user-agent'] ?? '' };
    sessions.set(session.id, session);
    return session;
  }

  /** @param {Session} session @param {import('node:http').ServerResponse} response */
  async function shown(session, response) {
    const answer = await fetch(`${upstream}/client/v4/user`, { headers: session.person.headers });
    const { result } = /** @type {any} */ (await answer.json());
    response.setHeader('set-cookie', `umbel_session=${session.id}; Path=/; HttpOnly; SameSite=Lax`);
    const name = [result.first_name, result.last_name].filter(Boolean).join(' ') || null;
    send(response, 200, { user: { id: result.id, email: result.email, name }, expires_at: new Date(Date.now() + LIFETIME_MS).toISOString() });
  }

  /** @param {import('node:http').IncomingMessage} request @param {import('node:http').ServerResponse} response */
  async function session(request, response) {
    const path = new URL(request.url ?? '/', upstream).pathname.slice('/umbel/v1'.length);
    const mine = current(request) ?? (signedIn && people[0] ? open(people[0], request) : undefined);
    const asked = `${request.method} ${path}`;
    if (asked === 'GET /session/providers') return send(response, 200, []);
    if (asked === 'POST /session') {
      const body = JSON.parse(await read(request));
      const person = people.find((one) => one.email === body.email && one.password === body.password);
      if (!person) return refuse(response, 401, 1010, 'e-mail address or password are wrong; check both and try again');
      if (person.totp && !body.totp) return refuse(response, 401, 1011, 'a second factor is needed; give the code of your authenticator as `totp`');
      if (person.totp && person.totp !== body.totp) return refuse(response, 401, 1010, 'the code is wrong or was used already; wait for the next one');
      return shown(open(person, request), response);
    }
    if (asked === 'POST /session/link') {
      const body = JSON.parse(await read(request));
      const person = people.find((one) => one.code !== undefined && one.code === body.code);
      if (!person) return refuse(response, 401, 1012, 'this link was used already or has expired; ask for a new one');
      delete person.code;
      return shown(open(person, request), response);
    }
    if (!mine) return refuse(response, 401, 9106, 'the request carries no credential');
    if (asked === 'GET /session') return shown(mine, response);
    if (asked === 'DELETE /session') {
      sessions.delete(mine.id);
      return send(response, 200, { id: mine.id });
    }
    const own = [...sessions.values()].filter((one) => one.person === mine.person);
    if (asked === 'GET /sessions') {
      const all = own.map(({ id, create_time, last_used_on, user_agent }) => ({ id, create_time, last_used_on, user_agent, ip_address: '127.0.0.1', current: id === mine.id }));
      return send(response, 200, all);
    }
    const id = /^DELETE \/sessions\/(.+)$/.exec(asked)?.[1];
    if (id && own.some((one) => one.id === id)) {
      sessions.delete(id);
      return send(response, 200, { id });
    }
    return refuse(response, 404, 1200, 'no such session');
  }

  return (request, response) => {
    const url = request.url ?? '/';
    if (SESSION.test(url)) {
      session(request, response).catch((error) => refuse(response, 500, 1500, String(error)));
      return true;
    }
    if (!API.test(url)) return false;
    const person = current(request)?.person ?? (signedIn ? people[0] : undefined);
    pass(request, response, upstream, person?.headers ?? {});
    return true;
  };
}

/**
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 * @param {string} upstream
 * @param {Record<string, string>} credential
 */
function pass(request, response, upstream, credential) {
  const { cookie: _, host: __, ...headers } = request.headers;
  const passed = ask(`${upstream}${request.url}`, { method: request.method, headers: { ...headers, ...credential } }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  passed.on('error', (error) => refuse(response, 502, 1503, `the server at ${upstream} does not answer: ${error.message}`));
  request.pipe(passed);
}

/** @param {import('node:http').IncomingMessage} request */
async function read(request) {
  let text = '';
  for await (const part of request) {
    text += part;
    if (text.length > BODY_MAX) throw new Error('the body is too large');
  }
  return text;
}

/** @param {import('node:http').ServerResponse} response @param {number} status @param {unknown} result */
function send(response, status, result) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ success: true, errors: [], messages: [], result }));
}

/** @param {import('node:http').ServerResponse} response @param {number} status @param {number} code @param {string} message */
function refuse(response, status, code, message) {
  if (response.headersSent) return response.destroy();
  response.writeHead(status, { 'content-type': 'application/json', 'cf-ray': randomBytes(8).toString('hex') });
  response.end(JSON.stringify({ success: false, errors: [{ code, message }], messages: [], result: null }));
}
