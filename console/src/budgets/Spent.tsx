import type { Budget } from '../api/types';
import { Badge, type Tone } from '../ui/Parts';
import { type Decimal, decimal, money } from '../usage/money';
import './budgets.css';

interface SpentProps {
  budget: Budget;
  /** What is billed in the month so far, once it is known. */
  billed: Decimal | undefined;
}

const ALL = 100;

/** How much of a budget is spent. */
export function Spent({ budget, billed }: SpentProps) {
  const amount = decimal(budget.amount);
  if (!billed) return <span className="number">{money(amount, budget.currency)}</span>;
  const part = billed.times(ALL).div(amount);
  return (
    <div className="spent" data-over={part.gte(ALL) || undefined}>
      <span className="number" data-testid="spent">
        {money(billed, budget.currency)}
      </span>
      <span className="track" aria-hidden>
        <span style={{ width: `${part.gte(ALL) ? ALL : part.toFixed(1)}%` }} />
      </span>
      <span className="small soft number">
        {part.toFixed(1)} % of {money(amount, budget.currency)}
      </span>
    </div>
  );
}

/** At which parts of a budget somebody is told, and which of them what is billed has reached. */
export function Thresholds({ budget, billed }: SpentProps) {
  const reached = (threshold: number) => billed?.times(ALL).gte(decimal(budget.amount).times(threshold));
  return (
    <span className="row thresholds">
      {budget.thresholds.map((threshold) => (
        <Badge key={threshold} tone={reached(threshold) ? tone(threshold) : 'plain'}>
          {threshold} %{reached(threshold) && ' reached'}
        </Badge>
      ))}
    </span>
  );
}

function tone(threshold: number): Tone {
  return threshold < ALL ? 'warning' : 'bad';
}
