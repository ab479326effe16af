import { createContext, useContext } from 'react';
import type { Organization } from '../api/types';

/** The organization that the page of usage is about. */
export const Shown = createContext<Organization | undefined>(undefined);

/** The organization that the tabs are about: they are there only once it is known. */
export function useShown(): Organization {
  const organization = useContext(Shown);
  if (!organization) throw new Error('no organization is shown');
  return organization;
}
