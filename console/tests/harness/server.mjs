import { readFile } from 'node:fs/promises';
import { createServer, request as ask } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { costs } from './costs.mjs';

const DIST = fileURLToPath(new URL('../../dist', import.meta.url));

/** The paths that belong to the API; everything else belongs to the console. */
const API = /^\/(client\/v4|umbel\/v1|healthz$|readyz$)/;

/** The policy under which the console is served: nothing inline, nothing from elsewhere, and no text that becomes HTML or script. */
export const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/** The policy of the reference of the API, whose library makes HTML of the descriptions, cleaned by DOMPurify, and has pictures in its style. */
export const DOCS_POLICY = POLICY.replace("img-src 'self'", "img-src 'self' data:").replace(/; require-trusted-types-for.*/, '');

const TYPES = /** @type {Record<string, string>} */ ({
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
});

/**
 * Serves the console as it is built now under `/console/`, as the program does, and passes on what belongs to the API.
 *
 * @param {{ upstream: string, port?: number }} options
 * @returns {Promise<{ url: string, close: () => void }>}
 */
export async function serve({ upstream, port = 0 }) {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://console');
    // The server does not answer this yet: the rows are made up.
    if (/^\/umbel\/v1\/organizations\/[^/]+\/costs$/.test(url.pathname)) {
      const body = { success: true, errors: [], messages: [], result: costs(url.searchParams) };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      return;
    }
    if (API.test(url.pathname)) {
      pass(request, response, upstream);
      return;
    }
    const path = decodeURIComponent(url.pathname);
    const docs = path === '/docs';
    if (!docs && !path.startsWith('/console/')) {
      response.writeHead(302, { location: '/console/' }).end();
      return;
    }
    file(docs ? 'docs.html' : path.slice('/console/'.length)).then(
      ({ body, type }) => response.writeHead(200, { 'content-type': type, 'content-security-policy': docs ? DOCS_POLICY : POLICY, 'x-content-type-options': 'nosniff' }).end(body),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(undefined)));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return { url: `http://127.0.0.1:${address.port}`, close: () => server.close() };
}

/**
 * Passes a request on as it came, `Host` included: by it the server knows its own pages.
 *
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 * @param {string} upstream
 */
function pass(request, response, upstream) {
  const passed = ask(`${upstream}${request.url}`, { method: request.method, headers: request.headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  passed.on('error', () => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
  // Who goes away does not wait for an answer.
  response.on('close', () => passed.destroy());
  request.pipe(passed);
}

/** A file of the console; what is no file is a page, which the console finds itself. @param {string} path */
async function file(path) {
  const asset = path.startsWith('assets/') || ['docs.html', 'umbel.svg'].includes(path);
  const name = normalize(asset ? path : 'index.html');
  if (name.startsWith('..')) throw new Error('outside');
  return { body: await readFile(join(DIST, name)), type: TYPES[extname(name)] ?? 'application/octet-stream' };
}
