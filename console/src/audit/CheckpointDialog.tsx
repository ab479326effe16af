import { useQuery } from '@tanstack/react-query';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { ErrorNote } from '../ui/ErrorNote';
import { Copyable, Loading, Secret } from '../ui/Parts';
import { number } from '../ui/words';
import { checkpoint } from './api';

/** What the log is now, signed: whoever keeps it can prove later that nothing before was changed. */
export function CheckpointDialog({ organization, onClose }: { organization: string; onClose: () => void }) {
  const { data, error, isPending } = useQuery({ queryKey: ['checkpoint', organization], queryFn: () => checkpoint(organization), staleTime: 0 });
  return (
    <Dialog
      title="Checkpoint of the log"
      width="wide"
      onClose={onClose}
      footer={
        <Button tone="primary" onPress={onClose}>
          Done
        </Button>
      }
    >
      <div className="content">
        <p className="soft">Keep it where the server cannot reach it. With it anybody can prove later that no entry up to now was changed or removed.</p>
        {isPending && <Loading />}
        <ErrorNote error={error} />
        {data && (
          <>
            <dl className="facts">
              <dt>Entries</dt>
              <dd>{number(data.size)}, of the whole tree</dd>
              <dt>Root</dt>
              <dd>
                <Copyable text={data.root_hash} what="the root" />
              </dd>
              <dt>Log</dt>
              <dd>{data.origin}</dd>
              <dt>Key</dt>
              <dd>
                <Copyable text={data.verifier_key} what="the key" />
              </dd>
            </dl>
            <Secret text={data.note} what="the checkpoint" />
          </>
        )}
      </div>
    </Dialog>
  );
}
