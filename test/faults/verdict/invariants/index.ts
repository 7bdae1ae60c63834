import type { Evidence } from '../evidence-types.ts';
import type { Violation } from '../../types.ts';
import { judgeAgreement } from './agreement.ts';
import { casesOf } from './case.ts';
import { judgeDesk } from './desk.ts';
import { judgeEffects } from './effects.ts';
import { judgeEndings } from './endings.ts';
import { judgeEvents } from './events.ts';
import { judgeGenerations } from './generations.ts';
import { judgeLives } from './life.ts';
import { judgeBooks } from './money.ts';
import { judgeNotices } from './notices.ts';
import { judgeOrder } from './order.ts';
import { judgePurchases } from './purchases.ts';
import { judgeRefunds } from './refunds.ts';

/** Everything that is wrong with a run. What is not in it held for every saga. */
export function checkInvariants(evidence: Evidence): readonly Violation[] {
  const cases = casesOf(evidence);
  return [
    ...judgeEndings(evidence, cases),
    ...judgeBooks(evidence),
    ...judgePurchases(evidence, cases),
    ...judgeRefunds(evidence, cases),
    ...judgeEffects(cases),
    ...judgeLives(cases),
    ...judgeOrder(cases),
    ...judgeGenerations(cases),
    ...judgeEvents(evidence, cases),
    ...judgeDesk(evidence, cases),
    ...judgeNotices(evidence, cases),
    ...judgeAgreement(evidence, cases),
  ];
}
