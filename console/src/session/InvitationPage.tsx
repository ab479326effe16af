import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useRouterState } from '@tanstack/react-router';
import { MailOpen } from 'lucide-react';
import { useState } from 'react';
import { answerInvitation } from '../api/members';
import { Button } from '../ui/Button';
import { ErrorNote } from '../ui/ErrorNote';
import { Page } from '../ui/Page';
import { Card, Empty } from '../ui/Parts';
import { say } from '../ui/Toasts';

/** Answers the invitation whose secret the link has behind its `#`, which no browser sends. */
export function InvitationPage() {
  const hash = useRouterState({ select: (state) => state.location.hash });
  const [token] = useState(hash);
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const reply = useMutation({
    mutationFn: (how: 'accept' | 'reject') => answerInvitation(token, how),
    onSuccess: (_, how) => {
      say(how === 'accept' ? 'You are a member now' : 'You rejected the invitation');
      void queryClient.invalidateQueries();
      void navigate({ to: '/you' });
    },
  });
  return (
    <Page title="Invitation">
      <Card>
        <Empty
          picture={MailOpen}
          title={token ? 'You were invited into an organization' : 'This link is not complete'}
          action={
            token && (
              <div className="row">
                <Button tone="primary" isPending={reply.isPending} onPress={() => reply.mutate('accept')}>
                  Accept
                </Button>
                <Button isDisabled={reply.isPending} onPress={() => reply.mutate('reject')}>
                  Reject
                </Button>
              </div>
            )
          }
        >
          {token ? 'Once you accept, you have the role that you were given, there and in everything below. Whoever invited you sees your answer.' : 'Open it as it was sent to you, with everything behind the #.'}
        </Empty>
        <ErrorNote error={reply.error} />
      </Card>
    </Page>
  );
}
