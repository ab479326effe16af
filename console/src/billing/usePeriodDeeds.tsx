import { CalendarCheck, ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import type { Rights } from '../api/access';
import type { BillingPeriod } from '../api/types';
import type { Deed } from '../ui/Menu';
import { hasEnded } from './api';
import { CloseDialog, ReplayDialog } from './dialogs';

/** What can be done with the months of a root, and the dialogs that do it. */
export function usePeriodDeeds(root: string, rights: Rights) {
  const [doing, setDoing] = useState<{ what: 'close' | 'replay'; period: BillingPeriod }>();
  const end = () => setDoing(undefined);
  const of = (period: BillingPeriod): Deed[] => {
    if (period.state === 'closed') return [{ name: 'Make it again and compare', picture: ShieldCheck, run: () => setDoing({ what: 'replay', period }) }];
    if (period.state === 'open' && hasEnded(period, new Date()) && rights.may('manage_prices')) {
      return [{ name: 'Close the month', picture: CalendarCheck, run: () => setDoing({ what: 'close', period }) }];
    }
    return [];
  };
  const dialog = (
    <>
      {doing?.what === 'close' && <CloseDialog root={root} month={doing.period.billing_period} onClose={end} />}
      {doing?.what === 'replay' && <ReplayDialog root={root} period={doing.period} onClose={end} />}
    </>
  );
  return { of, dialog };
}
