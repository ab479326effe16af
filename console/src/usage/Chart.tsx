import { Bar, BarChart, CartesianGrid, ResponsiveContainer, Tooltip, type TooltipContentProps, XAxis, YAxis } from 'recharts';
import { digits, money } from './money';
import type { Day, Series, Summary } from './series';

const HEIGHT = 320;
const SHORT = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric', timeZone: 'UTC' });
const AXIS = new Intl.NumberFormat(undefined, { notation: 'compact', maximumFractionDigits: 1 });

const label = (day: string) => SHORT.format(new Date(day));

/** The costs of each day as a stack of its groups. Numbers place the bars; what is read is exact. */
export default function Chart({ summary, currency }: { summary: Summary; currency: string }) {
  return (
    <ResponsiveContainer width="100%" height={HEIGHT}>
      <BarChart data={summary.days} margin={{ top: 8, right: 16, bottom: 0, left: 0 }} accessibilityLayer>
        <CartesianGrid vertical={false} stroke="var(--line)" />
        <XAxis dataKey="day" tickFormatter={label} tickLine={false} axisLine={{ stroke: 'var(--line-strong)' }} minTickGap={24} tick={{ fill: 'var(--text-soft)', fontSize: 12 }} />
        <YAxis tickFormatter={(value: number) => AXIS.format(value)} tickLine={false} axisLine={false} width={52} tick={{ fill: 'var(--text-soft)', fontSize: 12 }} />
        <Tooltip cursor={{ fill: 'var(--surface-hover)', stroke: 'none' }} content={(props) => <Told {...props} drawn={summary.drawn} currency={currency} />} isAnimationActive={false} />
        {summary.drawn.map(({ id, name, color }) => (
          <Bar key={id} dataKey={(day: Day) => Number(day.costs.get(id)?.toString() ?? 0)} name={name} stackId="day" fill={`var(${color})`} maxBarSize={44} isAnimationActive={false} />
        ))}
      </BarChart>
    </ResponsiveContainer>
  );
}

function Told({ active, payload, drawn, currency }: Pick<TooltipContentProps, 'active' | 'payload'> & { drawn: Series[]; currency: string }) {
  const day = payload?.[0]?.payload as Day | undefined;
  if (!active || !day) return null;
  return (
    <div className="told">
      <strong>{label(day.day)}</strong>
      <ul>
        {drawn
          .filter(({ id }) => day.costs.has(id))
          .map(({ id, name, color }) => (
            <li key={id}>
              <Swatch color={color} /> <span className="clip">{name}</span> <span className="number">{digits(day.costs.get(id) ?? day.total)}</span>
            </li>
          ))}
      </ul>
      <p className="number">{money(day.total, currency)}</p>
    </div>
  );
}

function Swatch({ color }: { color: string }) {
  return <span className="swatch" style={{ background: `var(${color})` }} />;
}
