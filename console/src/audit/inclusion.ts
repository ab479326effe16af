import type { components } from '../api/schema';

type Inclusion = components['schemas']['AuditInclusion'];

/** What becomes of a proof in this browser; without HTTPS it has no hash functions. */
export type Verdict = 'good' | 'bad' | 'cannot';

const NODE_PREFIX = 1;

/** Computes the root from the leaf and the hashes of its proof, and compares it with that of the checkpoint (RFC 9162, 2.1.3.2). */
export async function verify({ index, leaf_hash, proof, checkpoint }: Inclusion): Promise<Verdict> {
  if (!globalThis.crypto.subtle) return 'cannot';
  if (index >= checkpoint.size) return 'bad';
  let place = BigInt(index);
  let last = BigInt(checkpoint.size) - 1n;
  let hash = bytes(leaf_hash);
  for (const text of proof) {
    if (last === 0n) return 'bad';
    const sibling = bytes(text);
    if (place % 2n === 1n || place === last) {
      hash = await node(sibling, hash);
      while (place % 2n === 0n && place !== 0n) {
        place >>= 1n;
        last >>= 1n;
      }
    } else {
      hash = await node(hash, sibling);
    }
    place >>= 1n;
    last >>= 1n;
  }
  return last === 0n && hex(hash) === checkpoint.root_hash ? 'good' : 'bad';
}

async function node(left: Uint8Array, right: Uint8Array): Promise<Uint8Array> {
  const both = new Uint8Array(1 + left.length + right.length);
  both[0] = NODE_PREFIX;
  both.set(left, 1);
  both.set(right, 1 + left.length);
  return new Uint8Array(await crypto.subtle.digest('SHA-256', both));
}

function bytes(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function hex(hash: Uint8Array): string {
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
