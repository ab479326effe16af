import { useQuery } from '@tanstack/react-query';
import { me as meQuery } from '../api/users';
import { ErrorNote } from '../ui/ErrorNote';
import { Page } from '../ui/Page';
import { AccountMemberships, OrganizationMemberships } from './memberships';
import { Identities } from './Identities';
import { OwnSignIn } from './OwnSignIn';
import { Sessions } from './Sessions';

/** Who you are, how you sign in, where you are a member, and where you are signed in. */
export function YouPage() {
  const me = useQuery(meQuery);
  const name = [me.data?.first_name, me.data?.last_name].filter(Boolean).join(' ');
  return (
    <Page title="You" lead={me.data && (name ? `${name}, ${me.data.email}` : me.data.email)}>
      <ErrorNote error={me.error} />
      <OwnSignIn />
      <Identities />
      <Sessions />
      <OrganizationMemberships />
      <AccountMemberships />
    </Page>
  );
}
