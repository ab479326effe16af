import { test as base, expect, type BrowserContext, type Page } from '@playwright/test';
import { PASSWORD, world as makeWorld } from './world.mjs';

export { expect, type Page };
export { ACME, EUROPE, METERED, PASSWORD } from './world.mjs';

export type World = Awaited<ReturnType<typeof makeWorld>>;
/** People of the world, by what they may do. */
export const OPERATOR = 'olga@acme.example';
export const VIEWER = 'vera@acme.example';
export const ROOT = 'rosa@acme.example';
export const BILLER = 'bill@acme.example';

interface Fixtures {
  /** What broke the policy, was thrown, or asked something in a dialog of a script. A test fails unless it is empty at the end. */
  faults: string[];
  /** Another browser, which is signed in nowhere. */
  elsewhere: BrowserContext;
  /** Signs somebody in and opens a page of the console. */
  visit: (who: string, path?: string) => Promise<Page>;
}

/** The tests that run on both engines each time. */
export const ENGINES = { tag: '@engines' };
/** The tests that take minutes together, which `make test` leaves out. */
export const DEEP = { tag: '@deep' };

export const test = base.extend<Fixtures, { world: World }>({
  world: [
    // eslint-disable-next-line no-empty-pattern -- Playwright reads the names of the fixtures here
    async ({}, use) => {
      const world = await makeWorld();
      await use(world);
      await world.close();
    },
    { scope: 'worker' },
  ],
  baseURL: async ({ world }, use) => use(world.url),
  // eslint-disable-next-line no-empty-pattern -- as above
  faults: async ({}, use, { annotations }) => {
    const faults: string[] = [];
    await use(faults);
    annotations.push({ type: 'faults', description: String(faults.length) });
    expect(faults, 'nothing breaks the policy and nothing is thrown').toEqual([]);
  },
  context: async ({ context, faults }, use) => {
    await watch(context, faults);
    await use(context);
  },
  elsewhere: async ({ browser, world, faults }, use) => {
    const context = await browser.newContext({ baseURL: world.url, extraHTTPHeaders: { origin: world.url } });
    await watch(context, faults);
    await use(context);
    await context.close();
  },
  visit: async ({ page, world }, use) => {
    await use(async (who, path = '/') => {
      const answer = await page.request.post('/umbel/v1/session', { headers: { origin: world.url }, data: { email: who, password: PASSWORD } });
      expect(answer.status(), await answer.text()).toBe(200);
      await page.goto(`/console${path}`);
      return page;
    });
  },
});

/** Writes down the faults of all pages of a browser. */
async function watch(context: BrowserContext, faults: string[]) {
  context.on('weberror', (error) => faults.push(`thrown: ${error.error().message}`));
  context.on('dialog', (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  context.on('console', (message) => {
    if (/Content[- ]Security[- ]Policy|TrustedHTML|TrustedScript/i.test(message.text())) faults.push(`policy: ${message.text()}`);
  });
  await context.addInitScript(() => document.addEventListener('securitypolicyviolation', (event) => console.error(`Content-Security-Policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`)));
}

/** An organization of a test's own, below another one. */
export async function organization(world: World, name: string, parent: string | null): Promise<string> {
  const body = parent === null ? { name } : { name, parent: { id: parent } };
  return (await world.ask('POST', '/client/v4/organizations', body)).id;
}

/** The row of an organization in the tree. */
export function row(page: Page, name: string) {
  return page.getByRole('row').filter({ has: page.getByText(name, { exact: true }) });
}

/** The question in front of a page: it has a title, unlike the menu that it was opened from, which may still be there. */
export function question(page: Page) {
  return page.getByRole('dialog').filter({ has: page.getByRole('heading', { level: 2 }) });
}

/** Waits until a page shows all that it will: nothing is asked for, nothing loads, nothing moves. */
export async function settled(page: Page) {
  await page.waitForLoadState('networkidle');
  await expect(page.getByRole('status', { name: 'Loading' })).toHaveCount(0);
  await page.waitForFunction(() => document.getAnimations().every((animation) => animation.playState !== 'running' || animation.effect?.getTiming().iterations === Infinity));
}
