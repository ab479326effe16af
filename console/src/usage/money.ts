import Big from 'big.js';

/** A sum of money, or an amount: exact, however many digits. */
export type Decimal = Big;

export const ZERO: Decimal = new Big(0);

/** Adds decimals as the API writes them, without losing a digit. */
export function sum(decimals: Iterable<Decimal>): Decimal {
  let total = ZERO;
  for (const decimal of decimals) total = total.plus(decimal);
  return total;
}

export function decimal(text: string): Decimal {
  return new Big(text);
}

const FRACTION_MIN = 2;
const PARTS = new Intl.NumberFormat().formatToParts(1234.5);
const POINT = PARTS.find(({ type }) => type === 'decimal')?.value ?? '.';
const WHOLE = new Intl.NumberFormat();

/** All digits of a sum in the reader's manner, at least two behind the point. */
export function digits(value: Decimal): string {
  const [whole = '0', fraction = ''] = value.abs().toFixed().split('.');
  const sign = value.lt(ZERO) ? '−' : '';
  return `${sign}${WHOLE.format(BigInt(whole))}${POINT}${fraction.padEnd(FRACTION_MIN, '0')}`;
}

/** The same with its currency. */
export function money(value: Decimal, currency: string): string {
  return `${digits(value)} ${currency}`;
}
