import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { names } from '../api/organizations';
import type { Effect, Holding } from '../api/types';
import { Badge, Note } from '../ui/Parts';
import { count, sentence, title } from '../ui/words';
import './effect.css';

/** What a change would do, before it is done: who gains, who loses, and what stands in the way. */
export function EffectView({ effect }: { effect: Effect }) {
  const held = [...effect.gains, ...effect.loses].flatMap(({ organization_id }) => organization_id ?? []);
  const known = useQuery(names(held)).data;
  const reach = [count(effect.organizations, 'organization'), ...(effect.accounts > 0 ? [count(effect.accounts, 'account')] : [])].join(' and ');
  return (
    <div className="effect" data-testid="effect">
      {effect.blockers.length > 0 && (
        <Note tone="bad">
          <h3>This stands in the way</h3>
          <ul>
            {effect.blockers.map((blocker, index) => (
              <li key={index}>{sentence(blocker.message)}</li>
            ))}
          </ul>
        </Note>
      )}
      <p className="soft">It concerns {reach}, with everything below.</p>
      <div className="effect-sides">
        <Side heading="Gains access" sign="+" holdings={effect.gains} known={known} none="Nobody gains a role." />
        <Side heading="Loses access" sign="−" holdings={effect.loses} known={known} none="Nobody loses a role." />
      </div>
      {!effect.complete && <Note tone="warning">There are more people than are shown here, or some whom you may not see.</Note>}
    </div>
  );
}

interface SideProps {
  heading: string;
  sign: '+' | '−';
  holdings: Holding[];
  known: Map<string, string> | undefined;
  none: string;
}

function Side({ heading, sign, holdings, known, none }: SideProps) {
  return (
    <section>
      <h3>
        {heading} <Badge tone={holdings.length === 0 ? 'plain' : sign === '+' ? 'good' : 'bad'}>{holdings.length}</Badge>
      </h3>
      {holdings.length === 0 && <p className="soft small">{none}</p>}
      <ul>
        {holdings.map((holding, index) => (
          <li key={index} data-sign={sign}>
            <span aria-hidden className="sign">
              {sign}
            </span>
            <div>
              <div>{holding.email}</div>
              <div className="small soft">
                {title(holding.role)}
                {holding.organization_id && (
                  <>
                    {' as a member of '}
                    <Link to="/organizations/$id" params={{ id: holding.organization_id }}>
                      {known?.get(holding.organization_id) ?? holding.organization_id}
                    </Link>
                  </>
                )}
              </div>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
