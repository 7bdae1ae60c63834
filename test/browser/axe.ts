import axe from 'axe-core';
import type { Page } from 'playwright-core';

const RUN = `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations.map(
  ({ id, impact, help, nodes }) => ({ id, impact, help, where: nodes.map(({ target, failureSummary }) => target + ': ' + failureSummary) })))`;

export interface Violation {
  readonly id: string;
  readonly impact: string | null;
  readonly help: string;
  readonly where: readonly string[];
}

/** What axe finds on a page that keeps people from using it. */
export async function serious(page: Page): Promise<Violation[]> {
  await page.evaluate(axe.source);
  const violations = await page.evaluate<Violation[]>(RUN);
  return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
}
