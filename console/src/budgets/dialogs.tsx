import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { asApiError } from '../api/error';
import type { Budget } from '../api/types';
import { FormDialog } from '../ui/Dialog';
import { Field } from '../ui/Field';
import { Note } from '../ui/Parts';
import { say } from '../ui/Toasts';
import { budget as budgetQuery, changeBudget, createBudget, deleteBudget } from './api';

const NAME_MAX = 100;
const THRESHOLDS = [50, 80, 100];

/** Makes a budget, or changes one. */
export function EditDialog({ organization, budget, onClose }: { organization: string; budget: Budget | undefined; onClose: () => void }) {
  const [name, setName] = useState(budget?.name ?? '');
  const [amount, setAmount] = useState(budget?.amount ?? '');
  const [currency, setCurrency] = useState(budget?.currency ?? '');
  const [thresholds, setThresholds] = useState((budget?.thresholds ?? THRESHOLDS).join(', '));
  const tag = useTag(budget);
  const queryClient = useQueryClient();
  const parsed = percentages(thresholds);
  const save = useMutation({
    mutationFn: () => {
      const draft = { name, amount: amount.trim(), thresholds: parsed ?? [], ...(currency ? { currency } : {}) };
      return budget ? changeBudget(budget, draft, tag) : createBudget(organization, draft);
    },
    onSuccess: (saved) => {
      say(`The budget ${saved.name} was saved`);
      void queryClient.invalidateQueries({ queryKey: ['budgets', organization] });
      onClose();
    },
  });
  const error = save.error ? asApiError(save.error) : undefined;
  return (
    <FormDialog
      title={budget ? `Change ${budget.name}` : 'New budget'}
      submit="Save"
      onClose={onClose}
      onSubmit={() => save.mutate()}
      pending={save.isPending}
      error={save.error}
      blocked={name.trim() === '' || amount.trim() === '' || !parsed || (budget !== undefined && tag === undefined)}
    >
      <Field label="Name" value={name} onChange={setName} maxLength={NAME_MAX} fault={error?.about('name')} autoComplete="off" />
      <Field
        label="Amount a month"
        value={amount}
        onChange={setAmount}
        hint="What is billed to the organization and everything below it, in UTC."
        fault={error?.about('amount')}
        placeholder="2500"
        inputMode="decimal"
        autoComplete="off"
      />
      <Field
        label="Currency"
        value={currency}
        onChange={(text) => setCurrency(text.toUpperCase())}
        maxLength={3}
        hint={budget ? 'What is billed in another one does not count.' : 'What the organization pays in, unless you say another one. What is billed in another one does not count.'}
        fault={error?.about('currency')}
        placeholder="USD"
        autoComplete="off"
      />
      <Field
        label="Thresholds, in percent"
        value={thresholds}
        onChange={setThresholds}
        hint="At each of them an entry comes into the audit log, once a month."
        fault={parsed ? error?.about('thresholds') : 'Say them as whole numbers, like 50, 80, 100.'}
        autoComplete="off"
      />
      {budget?.reached !== undefined && <Note>What was reached before is reached anew, and told again.</Note>}
    </FormDialog>
  );
}

/** The tag of a budget as it is now, once it is known. */
function useTag(budget: Budget | undefined): string | undefined {
  return useQuery(budgetQuery(budget)).data?.tag;
}

/** Reads numbers that commas or spaces separate; nothing where something else is among them, or none. */
function percentages(text: string): number[] | undefined {
  const words = text.split(/[\s,;%]+/).filter(Boolean);
  return words.length > 0 && words.every((word) => /^\d{1,4}$/.test(word)) ? words.map(Number) : undefined;
}

/** Deletes a budget. */
export function DeleteDialog({ budget, onClose }: { budget: Budget; onClose: () => void }) {
  const queryClient = useQueryClient();
  const remove = useMutation({
    mutationFn: () => deleteBudget(budget),
    onSuccess: () => {
      say(`The budget ${budget.name} was deleted`);
      void queryClient.invalidateQueries({ queryKey: ['budgets', budget.organization_id] });
      onClose();
    },
  });
  return (
    <FormDialog title={`Delete the budget ${budget.name}?`} submit="Delete" tone="danger" onClose={onClose} onSubmit={() => remove.mutate()} pending={remove.isPending} error={remove.error}>
      <p>Nobody is told any more how much of it is spent. What the audit log says of it stays.</p>
    </FormDialog>
  );
}
