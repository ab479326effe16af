// Prints what the first view weighs, and fails when that is more than it may be.
import { existsSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const FIRST_VIEW_MAX = 300 * 1024;
const dist = new URL('../../dist/', import.meta.url);
const manifestFile = new URL('.vite/manifest.json', dist);
if (!existsSync(manifestFile)) {
  console.log('bundle size: not built, not measured');
  process.exit(0);
}

/** @type {Record<string, { file: string, imports?: string[] }>} */
const manifest = JSON.parse(readFileSync(manifestFile, 'utf8'));

/** The files of a chunk and of all that it needs at once. @param {string} name @param {Set<string>} files */
function needed(name, files) {
  const chunk = manifest[name];
  if (!chunk || files.has(chunk.file)) return files;
  files.add(chunk.file);
  for (const one of chunk.imports ?? []) needed(one, files);
  return files;
}

/** @param {Set<string>} files */
const compressed = (files) => [...files].reduce((total, file) => total + gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length, 0);
/** @param {number} bytes */
const shown = (bytes) => `${(bytes / 1024).toFixed(1)} KiB`;

const firstView = needed('src/tree/TreePage.tsx', needed('index.html', new Set()));
const all = new Set(Object.values(manifest).map(({ file }) => file).filter((file) => file.endsWith('.js')));
const chart = new Set([...needed('src/usage/Chart.tsx', new Set())].filter((file) => !firstView.has(file)));
const size = compressed(firstView);
console.log(`script of the first view: ${shown(size)} compressed; of everything: ${shown(compressed(all))}; the chart alone: ${shown(compressed(chart))}`);
if (size > FIRST_VIEW_MAX) {
  console.error(`the first view may weigh ${shown(FIRST_VIEW_MAX)}: load something later`);
  process.exit(1);
}
