import type { VerifyCase, VerifyReport } from '../protocol/records.ts';
import type { Fixture } from './fixture.ts';
import { checkedFixtures, type Checked } from './golden/checked.ts';
import { compareCase } from './golden/compare.ts';
import { planCase } from './golden/plan.ts';
import type { StepRunner } from './step-runner.ts';

/** What one executor made of the cases. */
type Verified = Pick<VerifyReport, 'passed' | 'failed' | 'unknown'> & { readonly cases: readonly Case[] };
type Case = Omit<VerifyCase, 'executor'>;

/** Recomputes golden cases, value and gradients; those of methods the catalogue lacks are listed as unknown. */
export async function verifyFixtures(fixtures: readonly Fixture[], runner: StepRunner): Promise<Verified> {
  const cases: Case[] = [];
  const unknown = new Set<string>();
  for (const fixture of fixtures) {
    const checked = checkedFixtures.get(fixture.method);
    if (checked === undefined) unknown.add(fixture.method);
    else cases.push(await verifyFixture(fixture, checked, runner));
  }
  const passed = cases.filter((one) => one.passed).length;
  return { cases, passed, failed: cases.length - passed, unknown: [...unknown] };
}

async function verifyFixture(fixture: Fixture, checked: Checked, runner: StepRunner): Promise<Case> {
  const head = { method: fixture.method, id: fixture.id };
  try {
    const { inputs, step, alternatives } = planCase(fixture, checked);
    const attempt = async (tried: typeof step) =>
      compareCase(
        fixture,
        inputs.names,
        await runner(`verify/${fixture.id}`, tried, inputs.specs, inputs.feeds),
      );
    const compared = await attempt(step);
    if (compared.passed || alternatives === null) return { ...head, ...compared };
    for (const alternative of alternatives.steps) {
      const other = await attempt(alternative);
      if (other.passed) return { ...head, ...other, message: alternatives.choice };
    }
    return { ...head, ...compared };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const loss = { want: fixture.loss, got: NaN, error: NaN };
    return { ...head, passed: false, loss, gradients: [], message };
  }
}
