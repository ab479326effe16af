// Runs a command beside a real OpenID Connect provider: `with_provider.js COMMAND…`.
//
// The command finds what the server needs to know of the provider in its environment, as the server's own settings. Below `/-/` the
// tests say which client the server is and whom the provider knows.

import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { Provider } from 'oidc-provider';

const CLIENT = { client_id: 'umbel', client_secret: 'the secret of the client: +/%&=' };

const accounts = new Map();
const key = { ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }), use: 'sig', kid: 'one' };
let handle = (_, response) => response.writeHead(503).end();

const server = createServer(async (request, response) => {
  if (!request.url.startsWith('/-/')) return handle(request, response);
  const [, , what, name] = request.url.split('/');
  const body = await json(request);
  if (what === 'accounts') accounts.set(name, body);
  else handle = provider(body);
  response.writeHead(204).end();
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;

/** A provider that sends people back to `callback`, and tells their claims in the ID token or only who asks for them. */
function provider({ callback, in_id_token }) {
  const made = new Provider(issuer, {
    clients: [{ ...CLIENT, redirect_uris: [callback] }],
    claims: { openid: ['sub'], email: ['email', 'email_verified'] },
    conformIdTokenClaims: !in_id_token,
    cookies: { keys: ['nobody needs to know it'] },
    jwks: { keys: [key] },
    findAccount: (_, id) => accounts.has(id) && { accountId: id, claims: () => ({ sub: id, ...accounts.get(id) }) },
  });
  return made.callback();
}

const directory = mkdtempSync(join(tmpdir(), 'umbel-oidc-'));
const secret = join(directory, 'secret');
writeFileSync(secret, `${CLIENT.client_secret}\n`);
const environment = {
  UMBEL_OIDC_ISSUER: issuer,
  UMBEL_OIDC_CLIENT_ID: CLIENT.client_id,
  UMBEL_OIDC_CLIENT_SECRET_FILE: secret,
  UMBEL_OIDC_NAME: 'Compat',
};
const [command, ...args] = process.argv.slice(2);
const child = spawn(command, args, { stdio: 'inherit', env: { ...process.env, ...environment } });
child.on('exit', (code) => {
  rmSync(directory, { recursive: true });
  process.exit(code ?? 1);
});
