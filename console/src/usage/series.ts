import type { Cost } from './api';
import { type Decimal, sum, ZERO } from './money';

/** Groups that are drawn in a colour of their own; the others are drawn together. */
const SERIES_MAX = 7;
/** The group of all that have no colour of their own. */
export const REST = '';

/** A group over all days. */
export interface Series {
  id: string;
  name: string;
  total: Decimal;
  /** Its colour, as the name of a custom property. */
  color: string;
}

/** A day with what each series cost on it. */
export interface Day {
  day: string;
  costs: Map<string, Decimal>;
  total: Decimal;
}

/** What chart and table both show: the same sums of the same rows. */
export interface Summary {
  groups: Series[];
  drawn: Series[];
  days: Day[];
  total: Decimal;
}

/** Sums costs by group and by day. */
export function summarize(costs: Cost[], days: string[]): Summary {
  const byGroup = new Map<string, { name: string; all: Decimal[] }>();
  for (const { group, name, billed } of costs) {
    const found = byGroup.get(group) ?? { name, all: [] };
    found.all.push(billed);
    byGroup.set(group, found);
  }
  const groups = [...byGroup]
    .map(([id, { name, all }]) => ({ id, name, total: sum(all) }))
    .sort((one, other) => other.total.cmp(one.total) || one.name.localeCompare(other.name))
    .map((group, index) => ({ ...group, color: index < SERIES_MAX ? `--series-${index + 1}` : '--series-rest' }));
  const own = new Set(groups.slice(0, SERIES_MAX).map(({ id }) => id));
  const drawn = groups.slice(0, SERIES_MAX);
  const others = groups.slice(SERIES_MAX);
  if (others.length > 0) drawn.push({ id: REST, name: `${others.length} more`, total: sum(others.map(({ total }) => total)), color: '--series-rest' });

  const byDay = new Map(days.map((day): [string, Day] => [day, { day, costs: new Map(), total: ZERO }]));
  for (const { day, group, billed } of costs) {
    const found = byDay.get(day);
    if (!found) continue;
    const series = own.has(group) ? group : REST;
    found.costs.set(series, (found.costs.get(series) ?? ZERO).plus(billed));
    found.total = found.total.plus(billed);
  }
  return { groups, drawn, days: [...byDay.values()], total: sum(costs.map(({ billed }) => billed)) };
}

const DAY_MS = 86_400_000;

/** The days from one to another, both of them in it, in UTC. */
export function daysOf(from: string, to: string): string[] {
  const days: string[] = [];
  for (let time = Date.parse(from); time <= Date.parse(to); time += DAY_MS) days.push(new Date(time).toISOString().slice(0, 10));
  return days;
}
