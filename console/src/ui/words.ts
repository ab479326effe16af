const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;
const STEP = 1000;
const NUMBER = new Intl.NumberFormat();

/** A message of the API as a sentence. */
export function sentence(message: string): string {
  return message.charAt(0).toUpperCase() + message.slice(1) + (/[.!?]$/.test(message) ? '' : '.');
}

/** A word of the API as people write it: `read_audit_log` becomes `Read audit log`. */
export function title(word: string): string {
  const spaced = word.replaceAll('_', ' ').replace(/\bapi\b/i, 'API');
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

/** A number with its noun. */
export function count(value: number, one: string, many = `${one}s`): string {
  return `${NUMBER.format(value)} ${value === 1 ? one : many}`;
}

/** A number in the reader's manner. */
export function number(value: number): string {
  return NUMBER.format(value);
}

/** A number of bytes, in the unit that leaves few digits. */
export function size(bytes: number): string {
  const power = bytes < STEP ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / Math.log10(STEP)));
  return new Intl.NumberFormat(undefined, { style: 'unit', unit: UNITS[power] ?? 'byte', maximumFractionDigits: 1 }).format(bytes / STEP ** power);
}
