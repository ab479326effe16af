/** What the reader chose to see; `system` follows the machine. */
export type Theme = 'system' | 'light' | 'dark';

const KEY = 'umbel-theme';

export function theme(): Theme {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === 'light' || kept === 'dark' ? kept : 'system';
  } catch {
    // A browser that keeps nothing follows the machine.
    return 'system';
  }
}

export function setTheme(chosen: Theme): void {
  try {
    localStorage.setItem(KEY, chosen);
  } catch {
    // It lasts until the page is left.
  }
  applyTheme(chosen);
}

/** Shows the page as it was chosen; the colours of both are in tokens.css. */
export function applyTheme(chosen: Theme = theme()): void {
  if (chosen === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = chosen;
}
