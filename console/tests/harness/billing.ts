import { organization, type World } from './test';

/** The first day of the present month: no price begins in a month that is closed. */
export const PRICES_FROM = `${new Date().toISOString().slice(0, 7)}-01`;
/** The last day of the month before the last one: whichever day it is, that month can be closed. */
export const LAST_DAY = new Date();
LAST_DAY.setUTCDate(1);
LAST_DAY.setUTCMonth(LAST_DAY.getUTCMonth() - 1, 0);
/** Its month. */
export const MONTH = LAST_DAY.toISOString().slice(0, 7);
/** As the console calls it. */
export const MONTH_NAME = new Intl.DateTimeFormat('en-US', { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(LAST_DAY);

/** A root, an organization below it, and an account in each that used something at a time: on the last day of the month, or now. */
export async function spending(world: World, name: string, time = LAST_DAY) {
  const root = await organization(world, name, null);
  const below = await organization(world, `${name} North`, root);
  const quantities = { [root]: ['110.5', '12345.678'], [below]: ['97.1', '777.123457'] };
  for (const [id, [egress, storage]] of Object.entries(quantities)) {
    const account = await world.ask('POST', '/client/v4/accounts', { name: id === root ? `${name} shop` : `${name} branch`, unit: { id } });
    const event = { subject: account.id, time: time.toISOString() };
    await world.meter(id, { type: 'com.example.egress', data: { quantity: egress }, ...event });
    await world.meter(id, { type: 'com.example.storage', data: { quantity: storage }, ...event });
  }
  return { root, below };
}
