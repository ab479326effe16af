import { Select } from '../ui/Select';
import { monthName, monthToDate, recentMonths, type Span, spanOf } from './month';

function months(now: Date): { id: string; name: string; span: Span }[] {
  return recentMonths(now).map((id, back) => {
    const name = monthName(id);
    return back === 0 ? { id, name: `${name}, up to today`, span: monthToDate(now) } : { id, name, span: spanOf(id) };
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
