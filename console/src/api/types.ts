import type { components, operations } from './schema';

type Schemas = components['schemas'];

export type Account = Schemas['Account'];
export type AccountMember = Schemas['AccountMember'];
export type ApiToken = Schemas['ApiToken'];
export type AuditEntry = Schemas['AuditEntry'];
export type AuditChange = Schemas['AuditChange'];
export type BillingPeriod = Schemas['BillingPeriod'];
export type Budget = Schemas['Budget'];
export type Effect = Schemas['Effect'];
export type Flags = Schemas['Flags'];
export type Holding = Schemas['Holding'];
export type Invitation = Schemas['Invitation'];
export type Invoice = Schemas['Invoice'];
export type InvoiceLine = Schemas['InvoiceLine'];
export type LinkedIdentity = operations['linked_identities_list']['responses']['200']['content']['application/json']['result'][number];
export type Member = Schemas['Member'];
export type Organization = Schemas['Organization'];
export type Profile = Schemas['Profile'];
export type Role = Schemas['Role'];
export type SecondFactor = Schemas['SecondFactor'];
export type Server = Schemas['Server'];
export type ServerWorker = Schemas['ServerWorker'];
export type Session = Schemas['Session'];
export type SessionPlace = operations['sessions_list']['responses']['200']['content']['application/json']['result'][number];
export type SignInLink = Schemas['SignInLink'];
export type User = Schemas['User'];

/** Somebody who has access, and why. */
export interface Access {
  user: Schemas['AccessUser'];
  operator: boolean;
  actions: string[];
  withheld: string[];
  grants: Schemas['AccessGrant'][];
}
