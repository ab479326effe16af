import { Select } from '../ui/Select';
import type { Span } from './api';

/** Months that can be chosen, the present one first. */
const MONTHS = 13;
const NAME = new Intl.DateTimeFormat(undefined, { month: 'long', year: 'numeric', timeZone: 'UTC' });

const date = (time: number) => new Date(time).toISOString().slice(0, 10);

/** The present month up to today, in UTC: days are counted there. */
export function monthToDate(now: Date): Span {
  return { from: date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1)), to: date(now.getTime()) };
}

function months(now: Date): { id: string; name: string; span: Span }[] {
  return Array.from({ length: MONTHS }, (_, back) => {
    const first = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back, 1);
    const last = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back + 1, 0);
    const span = back === 0 ? monthToDate(now) : { from: date(first), to: date(last) };
    return { id: span.from, name: back === 0 ? `${NAME.format(first)}, up to today` : NAME.format(first), span };
  });
}

/** Chooses a month. */
export function Months({ span, onChange }: { span: Span; onChange: (span: Span) => void }) {
  const all = months(new Date());
  const shown = all.find((month) => month.span.from === span.from && month.span.to === span.to);
  const choices = shown ? all : [{ id: 'other', name: `${span.from} to ${span.to}`, span }, ...all];
  return (
    <Select
      label="Month"
      labelled="hidden"
      choices={choices}
      value={shown?.id ?? 'other'}
      onChange={(id) => {
        const chosen = choices.find((month) => month.id === id);
        if (chosen) onChange(chosen.span);
      }}
    />
  );
}
