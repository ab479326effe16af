import type { AuditEntry } from '../api/types';

/** Members of a body that tell people what it is about, the best first. */
const TELLING = ['name', 'email', 'business_name', 'role'] as const;

/** What people call the thing that an entry is about, as far as the bodies of its request and answer tell. */
export function subject({ resource }: AuditEntry): string | undefined {
  const bodies = [resource.response, resource.request].map(record);
  for (const body of bodies.flatMap((one) => [one, record(one?.['user']), record(one?.['organization'])])) {
    for (const member of TELLING) {
      const value = body?.[member];
      if (typeof value === 'string' && value !== '') return value;
    }
  }
  return undefined;
}

function record(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
}
