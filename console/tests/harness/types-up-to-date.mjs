// Fails when src/api/schema.d.ts is not what openapi.json describes.
import { readFile } from 'node:fs/promises';
import openapi, { astToString, COMMENT_HEADER } from 'openapi-typescript';

const committed = await readFile(new URL('../../src/api/schema.d.ts', import.meta.url), 'utf8');
const made = COMMENT_HEADER + astToString(await openapi(new URL('../../../openapi.json', import.meta.url)));
if (committed !== made) {
  console.error('src/api/schema.d.ts is not made from ../openapi.json as it is now: run `npm run types`');
  process.exit(1);
}
