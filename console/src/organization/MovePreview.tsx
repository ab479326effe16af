import type { UseQueryResult } from '@tanstack/react-query';
import { ArrowRight } from 'lucide-react';
import type { Effect } from '../api/types';
import { Button } from '../ui/Button';
import { ErrorNote } from '../ui/ErrorNote';
import { Loading } from '../ui/Parts';
import { EffectView } from './EffectView';

interface MovePreviewProps {
  from: string;
  to: string;
  /** The answer of the dry run. */
  trial: Pick<UseQueryResult<{ effect?: Effect }>, 'data' | 'error' | 'isFetching'>;
  onAgain: () => void;
}

/** Where something goes, and what that would do. */
export function MovePreview({ from, to, trial, onAgain }: MovePreviewProps) {
  return (
    <>
      <p className="row">
        <span>
          From <strong>{from}</strong>
        </span>
        <ArrowRight size={16} aria-hidden />
        <span>
          to <strong>{to}</strong>
        </span>
        <Button size="small" tone="quiet" onPress={onAgain}>
          Choose another
        </Button>
      </p>
      <ErrorNote error={trial.error} />
      {trial.isFetching && !trial.data && <Loading />}
      {trial.data?.effect && <EffectView effect={trial.data.effect} />}
    </>
  );
}
