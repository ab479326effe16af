import { test as base, expect, type Page } from '@playwright/test';
import { PASSWORD, world as makeWorld } from './world.mjs';

export { expect, type Page };
export { ACME, EUROPE, PASSWORD } from './world.mjs';

export type World = Awaited<ReturnType<typeof makeWorld>>;
/** People of the world, by what they may do. */
export const OPERATOR = 'olga@acme.example';
export const VIEWER = 'vera@acme.example';
export const ROOT = 'rosa@acme.example';

interface Fixtures {
  /** Signs somebody in and opens a page of the console. */
  visit: (who: string, path?: string) => Promise<Page>;
}

/** Every test also demands that nothing broke the policy, nothing was thrown, and no dialog of a script opened. */
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
  page: async ({ page }, use) => {
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(`thrown: ${error.message}`));
    page.on('dialog', (dialog) => {
      faults.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('console', (message) => {
      if (/Content[- ]Security[- ]Policy|TrustedHTML|TrustedScript/i.test(message.text())) faults.push(`policy: ${message.text()}`);
    });
    await page.addInitScript(() => document.addEventListener('securitypolicyviolation', (event) => console.error(`Content-Security-Policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`)));
    await use(page);
    expect(faults, 'nothing breaks the policy and nothing is thrown').toEqual([]);
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

/** An organization of a test's own, below another one. */
export async function organization(world: World, name: string, parent: string | null): Promise<string> {
  const body = parent === null ? { name } : { name, parent: { id: parent } };
  return (await world.ask('POST', '/client/v4/organizations', body)).id;
}

/** The row of an organization in the tree. */
export function row(page: Page, name: string) {
  return page.getByRole('row').filter({ has: page.getByText(name, { exact: true }) });
}
