import createClient from 'openapi-fetch';
import { ApiError, type Problem, SECOND_FACTOR_NEEDED, SIGN_IN_FAILED } from './error';
import type { paths } from './schema';

type SignedOut = () => void;
let signedOut: SignedOut = () => undefined;

/** Says what happens when the session has ended. */
export function onSignedOut(action: SignedOut): void {
  signedOut = action;
}

/** The API, at the address that the console came from, with the session as its credential. */
export const api = createClient<paths>({ baseUrl: window.location.origin, credentials: 'same-origin' });

api.use({
  onRequest({ request }) {
    if (request.method === 'POST') request.headers.set('idempotency-key', randomKey());
    return request;
  },
  async onResponse({ response }) {
    if (response.status === 401 && !(await isAboutGuess(response.clone()))) signedOut();
  },
});

/** Whether a refusal is about a password or a code in the request, and not about the session that it came with. */
async function isAboutGuess(response: Response): Promise<boolean> {
  const refused = refusal(response, parsed(response, await response.text()));
  return refused.has(SIGN_IN_FAILED) || refused.has(SECOND_FACTOR_NEEDED);
}

/** A key that no other request has; `crypto.randomUUID` is missing where the console is not served by HTTPS. */
function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

interface Call<Body> {
  data?: Body;
  error?: unknown;
  response: Response;
}

/** The body of an answer, or the refusal thrown. */
export async function answer<Body>(call: Promise<Call<Body>>): Promise<Body> {
  const { data, error, response } = await call;
  if (!response.ok) throw refusal(response, error);
  return data as Body;
}

/** What an answer is about. */
export async function result<Result>(call: Promise<Call<{ result: Result }>>): Promise<Result> {
  return (await answer(call)).result;
}

/** What an answer is about, and the tag that a change of it names. */
export async function tagged<Result>(call: Promise<Call<{ result: Result }>>): Promise<{ value: Result; tag: string | undefined }> {
  const { data, error, response } = await call;
  if (!response.ok || !data) throw refusal(response, error);
  return { value: data.result, tag: response.headers.get('etag') ?? undefined };
}

/** The body of an answer, as far as it is JSON: a proxy in between may say something else. */
function parsed(response: Response, text: string): unknown {
  return text && response.headers.get('content-type')?.startsWith('application/json') ? JSON.parse(text) : undefined;
}

/** The header that makes a change depend on the tag of what was read. */
export function ifMatch(tag: string | undefined): { 'If-Match'?: string } {
  return tag === undefined ? {} : { 'If-Match': tag };
}

function refusal(response: Response, body: unknown): ApiError {
  const problems = (body as { errors?: Problem[] } | undefined)?.errors ?? [];
  const ray = response.headers.get('cf-ray') ?? undefined;
  if (problems.length > 0) return new ApiError(response.status, problems, ray);
  return new ApiError(response.status, [{ code: 0, message: `the server answered ${response.status}; try again` }], ray);
}
