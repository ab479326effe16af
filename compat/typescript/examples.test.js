// The examples, as programs of their own.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';

import { BASES, newPerson } from './server.js';

const examples = new URL('../../examples/typescript/', import.meta.url);

for (const name of readdirSync(examples).filter((name) => name.endsWith('.mjs'))) {
  test(name, async () => {
    // Beside the client, where Node finds it.
    const copy = fileURLToPath(new URL(`node_modules/.example-${name}`, import.meta.url));
    copyFileSync(new URL(name, examples), copy);
    const env = { ...process.env, CLOUDFLARE_BASE_URL: BASES[1], CLOUDFLARE_API_TOKEN: (await newPerson()).token };
    const { status, stderr } = spawnSync(process.execPath, [copy], { env, encoding: 'utf8', timeout: 60_000 });
    assert.equal(status, 0, stderr);
  });
}
