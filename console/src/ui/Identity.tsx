import { Copyable } from './Parts';
import { Time } from './Time';

/** The facts that everything has: its id, and since when there is it. */
export function Identity({ id, created }: { id: string; created: string }) {
  return (
    <>
      <dt>Id</dt>
      <dd>
        <Copyable text={id} what="the id" />
      </dd>
      <dt>Created</dt>
      <dd>
        <Time at={created} />
      </dd>
    </>
  );
}
