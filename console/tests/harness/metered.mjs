/** What the accounts of a company used in one month, as lines to import: the same each time, at prices whose sums doubles get wrong. */

/** The month, of which the tests know the days. */
const YEAR = 2026;
const MONTH = 9;
const DAYS = 30;
/** The same as the API writes it. */
export const METERED = `${YEAR}-${String(MONTH).padStart(2, '0')}`;

const METRICS = [
  { id: 'requests', name: 'Requests', unit: 'Requests', service: ['Workers', 'Compute', 'Serverless Compute'], price: '0.000005123457', free: '1000000' },
  { id: 'egress', name: 'Egress', unit: 'GB', service: ['Delivery', 'Networking', 'Content Delivery'], price: '0.0213', free: '10' },
  { id: 'storage', name: 'Stored bytes', unit: 'GB-Days', service: ['Storage', 'Storage', 'Object Storage'], price: '0.000700001', free: '0' },
];

/** Metrics, their prices, and a month of usage of every account in the lines of a company. @param {string} company */
export function metered(company) {
  const accounts = company.split('\n').filter(Boolean).map((line) => JSON.parse(line)).filter(({ kind }) => kind === 'account');
  const lines = METRICS.flatMap(({ id, name, unit, service: [service_name, service_category, service_subcategory], price, free }) => [
    { kind: 'metric', id, name, unit, service_name, service_category, service_subcategory, event_type: `com.example.${id}`, aggregation: 'sum', value_property: 'quantity' },
    { kind: 'price', id: `${id}-2025`, metric_id: id, currency: 'USD', list_unit_price: price, effective_from: '2025-01-01', free_quantity: free },
  ]);
  for (const [place, account] of accounts.entries()) {
    for (let day = 1; day <= DAYS; day += 1) {
      const date = new Date(Date.UTC(YEAR, MONTH - 1, day));
      for (const [metric, quantity] of Object.entries(used(accounts.length - place, date))) {
        lines.push(/** @type {any} */ ({ kind: 'usage_daily', account_id: account.id, metric_id: metric, day: date.toISOString().slice(0, 10), quantity }));
      }
    }
  }
  return lines.map((line) => JSON.stringify(line)).join('\n');
}

/** Less at the end of the week, a little more from day to day, and never quite the same. @param {number} busy @param {Date} date */
function used(busy, date) {
  const day = date.getUTCDate();
  const week = [0, 6].includes(date.getUTCDay()) ? 55 : 100;
  const noise = (day * 7919 + busy * 104_729) % 41;
  const requests = busy * busy * 1300 * week * (100 + day) * (80 + noise);
  const thousandths = (/** @type {number} */ number) => (number / 1000).toFixed(3);
  return { requests: `${Math.round(requests / 1000)}`, egress: thousandths(busy * busy * week * (31 + noise)), storage: thousandths(busy * 12_500_017 + day * busy * 40_001) };
}
