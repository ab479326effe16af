import { Check, Copy, Info, type LucideIcon, TriangleAlert } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { IconButton } from './Button';

export type Tone = 'plain' | 'good' | 'bad' | 'warning' | 'info' | 'accent';

/** A word about something, in colour. */
export function Badge({ tone = 'plain', children }: { tone?: Tone; children: ReactNode }) {
  return (
    <span className="badge" data-tone={tone}>
      {children}
    </span>
  );
}

/** Something worth knowing. */
export function Note({ tone = 'info', children }: { tone?: 'info' | 'warning' | 'bad' | 'good'; children: ReactNode }) {
  const Picture = tone === 'info' ? Info : tone === 'good' ? Check : TriangleAlert;
  return (
    <div className="note" data-tone={tone}>
      <Picture aria-hidden />
      <div>{children}</div>
    </div>
  );
}

/** What stands where there is nothing yet: what it would be, and how to begin. */
export function Empty({ picture: Picture, title, children, action }: { picture: LucideIcon; title: string; children: ReactNode; action?: ReactNode }) {
  return (
    <div className="empty">
      <Picture aria-hidden />
      <h2>{title}</h2>
      <p>{children}</p>
      {action}
    </div>
  );
}

/** What stands where something will be in a moment. */
export function Loading() {
  return (
    <div className="loading" role="status" aria-label="Loading">
      <span />
      <span />
      <span />
    </div>
  );
}

/** A part of a page with a heading. */
export function Card({ title, actions, children, flush = false }: { title?: ReactNode; actions?: ReactNode; children: ReactNode; flush?: boolean }) {
  return (
    <section className="card">
      {(title !== undefined || actions !== undefined) && (
        <header>
          {title !== undefined && <h2>{title}</h2>}
          {actions !== undefined && <div className="row">{actions}</div>}
        </header>
      )}
      {flush ? children : <div className="body">{children}</div>}
    </section>
  );
}

const COPIED_MS = 1500;

/** Something that is used elsewhere, with a button that copies it. */
export function Copyable({ text, what }: { text: string; what: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), COPIED_MS);
  };
  return (
    <span className="copyable">
      <code>{text}</code>
      <IconButton label={copied ? 'Copied' : `Copy ${what}`} size="small" onPress={copy}>
        {copied ? <Check /> : <Copy />}
      </IconButton>
    </span>
  );
}

/** A secret that is shown once. */
export function Secret({ text, what }: { text: string; what: string }) {
  const [copied, setCopied] = useState(false);
  return (
    <div className="secret">
      <code data-testid="secret">{text}</code>
      <IconButton
        label={copied ? 'Copied' : `Copy ${what}`}
        onPress={async () => {
          await navigator.clipboard.writeText(text);
          setCopied(true);
        }}
      >
        {copied ? <Check /> : <Copy />}
      </IconButton>
    </div>
  );
}
