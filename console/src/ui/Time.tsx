const LOCAL = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const LOCAL_EXACT = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** A time of the API as people write UTC. */
export function utc(at: string): string {
  return at.replace('T', ' ').replace(/Z$/, ' UTC');
}

/** A time in the reader's zone; UTC shows when the pointer rests on it. */
export function Time({ at, exact = false }: { at: string; exact?: boolean }) {
  const time = new Date(at);
  const shown = Number.isNaN(time.getTime()) ? at : (exact ? LOCAL_EXACT : LOCAL).format(time);
  return (
    <time className="time" dateTime={at} title={utc(at)}>
      {shown}
    </time>
  );
}
