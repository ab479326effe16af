/** Adds decimals, as the API or the console writes them, as whole numbers of their smallest part, which no double has a part in. */
export function exactly(decimals: string[]): string {
  const scale = 30;
  const units = decimals.map((text) => {
    const [whole = '0', fraction = ''] = text.replaceAll(',', '').replace(/ [A-Z]{3}$/, '').split('.');
    return BigInt(whole + fraction.padEnd(scale, '0'));
  });
  const digits = units.reduce((total, one) => total + one, 0n).toString().padStart(scale + 1, '0');
  return `${digits.slice(0, -scale)}.${digits.slice(-scale).replace(/0+$/, '')}`;
}
