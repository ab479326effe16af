import { createHmac } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const STEP_MS = 30_000;

/** Makes the codes of a second factor (RFC 6238) from its secret in base 32, each of a later step than the one before. */
export class Authenticator {
  private readonly key: Buffer;
  private last = 0;

  constructor(secret: string) {
    const bits = [...secret].map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, '0')).join('');
    this.key = Buffer.from(bits.match(/.{8}/g)?.map((byte) => parseInt(byte, 2)) ?? []);
  }

  /** A code that the server has not seen; it takes those of one step ahead, so that two in a row need no wait, but a third one does. */
  async code(): Promise<string> {
    this.last = Math.max(this.last + 1, Math.floor(Date.now() / STEP_MS));
    await setTimeout(Math.max(0, (this.last - 1) * STEP_MS - Date.now()));
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(this.last));
    const hash = createHmac('sha1', this.key).update(counter).digest();
    const offset = (hash.at(-1) ?? 0) & 15;
    return String((hash.readUInt32BE(offset) & 0x7fff_ffff) % 1_000_000).padStart(6, '0');
  }
}
