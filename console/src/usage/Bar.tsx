import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { ScopePicker } from '../organization/ScopePicker';
import { useShown } from './shown';

/** What a tab is about, and what else is chosen there. */
export function Bar({ children }: { children?: ReactNode }) {
  const { name } = useShown();
  const navigate = useNavigate({ from: '/usage' });
  const pick = (organization: string) => void navigate({ to: '.', search: (before) => ({ ...before, organization }), replace: true, resetScroll: false });
  return (
    <div className="row">
      <ScopePicker name={name} onPick={pick} />
      {children}
    </div>
  );
}
