import type { Diagnosis, Finding } from '../protocol/diagnosis.ts';
import { sayIn, translated, type Translations } from '../protocol/say.ts';
import type { Evidence } from './evidence.ts';
import type { Rule } from './rule.ts';
import { calibrationLost } from './rules/calibration.ts';
import { capacityGap } from './rules/capacity-gap.ts';
import { divergence } from './rules/divergence.ts';
import { learningRateHigh, learningRateLow } from './rules/learning-rate.ts';
import { overfitting } from './rules/overfitting.ts';
import { overSoftened } from './rules/over-softened.ts';
import { plateau } from './rules/plateau.ts';
import { tooFewSeeds } from './rules/seeds.ts';
import { deadTerm, dominatingTerm } from './rules/terms.ts';
import { weakTeacher } from './rules/weak-teacher.ts';
import { wrongPair } from './rules/wrong-pair.ts';

/** Every rule, in the order in which its findings are shown: what spoils the run first. */
export const RULES: readonly Rule[] = [
  divergence,
  learningRateHigh,
  learningRateLow,
  deadTerm,
  dominatingTerm,
  overfitting,
  plateau,
  weakTeacher,
  overSoftened,
  capacityGap,
  wrongPair,
  calibrationLost,
  tooFewSeeds,
];

/** The complaint of a rule in a few words. */
export function titleOf(rule: string, translations: Translations = {}): string {
  return translated(RULES.find(({ name }) => name === rule)?.title ?? rule, translations);
}

/**
 * What every rule says of a run.
 * @param translations of what it says; by default it speaks English
 */
export function diagnose(run: string, evidence: Evidence, translations: Translations = {}): Diagnosis {
  const say = sayIn(translations);
  const findings: Finding[] = [];
  const unable: Diagnosis['unable'][number][] = [];
  for (const { name, source, look } of RULES) {
    const looked = look(evidence, say);
    if (looked === null) continue;
    if ('unable' in looked) unable.push({ rule: name, why: looked.unable });
    else findings.push({ rule: name, source: translated(source, translations), ...looked });
  }
  return { run, findings, unable };
}
