import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { BillingPeriod } from '../api/types';
import { Dialog, FormDialog } from '../ui/Dialog';
import { ErrorNote } from '../ui/ErrorNote';
import { Loading, Note } from '../ui/Parts';
import { say } from '../ui/Toasts';
import { monthName } from '../usage/month';
import { closePeriod, period as periodQuery, replay as replayQuery } from './api';

/** Closes a month, once it is read what cannot change any more then. */
export function CloseDialog({ root, month, onClose }: { root: string; month: string; onClose: () => void }) {
  const name = monthName(month);
  const { data: fresh, error: unread } = useQuery(periodQuery(root, month));
  const queryClient = useQueryClient();
  const close = useMutation({
    mutationFn: () => closePeriod(root, month, fresh?.tag),
    onSuccess: () => {
      say(`${name} is closed, its invoices are being made`);
      void queryClient.invalidateQueries({ queryKey: ['billing-periods', root] });
      onClose();
    },
  });
  return (
    <FormDialog
      title={`Close ${name}?`}
      submit="Close the month"
      tone="danger"
      onClose={onClose}
      onSubmit={() => close.mutate()}
      pending={close.isPending}
      error={close.error ?? unread}
      blocked={!fresh}
    >
      <p>An invoice is made for every account in the tree, and a hash of everything that they rest on, by which anybody can check them later.</p>
      <Note tone="warning">
        <h3>It cannot be opened again</h3>
        <ul>
          <li>Nothing changes any more what was used in {name}, in which organization, and by which price: no event, price, move, new name or deletion.</li>
          <li>What comes late is invoiced in a later month, as a correction.</li>
          <li>Prices can neither begin nor end in {name}, in any tree of this server.</li>
        </ul>
      </Note>
    </FormDialog>
  );
}

/** Makes a closed month again, and says whether it comes out the same. */
export function ReplayDialog({ root, period, onClose }: { root: string; period: BillingPeriod; onClose: () => void }) {
  const name = monthName(period.billing_period);
  const { data, error, isPending } = useQuery(replayQuery(root, period.billing_period));
  return (
    <Dialog title={`Make ${name} again`} onClose={onClose} width="wide">
      <div className="content">
        <p>Everything that is invoiced in {name} is rated anew from what was kept of it, and hashed.</p>
        <ErrorNote error={error} />
        {isPending && <Loading />}
        {data?.matches === true && (
          <Note tone="good">
            <h3>It agrees</h3>
            <p>All of it comes out as it was invoiced.</p>
          </Note>
        )}
        {data?.matches === false && (
          <Note tone="bad">
            <h3>It does not agree</h3>
            <p>Somebody has changed the database since the month was closed. The audit log has the hash that it was closed with.</p>
          </Note>
        )}
        {data && (
          <dl className="facts">
            <dt>When it was closed</dt>
            <dd>
              <code>{period.content_hash}</code>
            </dd>
            <dt>Now</dt>
            <dd>
              <code>{data.content_hash}</code>
            </dd>
          </dl>
        )}
      </div>
    </Dialog>
  );
}
