import type { Diagnosis, Finding, ProposedChange } from './diagnosis.ts';
import { LIMITS } from './limits.ts';
import { count, list, object, text } from './shape.ts';

/** More than there are rules, pairs of layers or seeds. */
const MANY = 200;
const name = text(LIMITS.nameLength);
const words = text(10_000);

const change = object<Pick<ProposedChange, 'title' | 'value'>>({ title: words, value: words });

const finding = object<ShownFinding>({
  rule: name,
  title: words,
  symptom: words,
  evidence: list(object<Finding['evidence'][number]>({ what: words, value: words }), MANY),
  cause: words,
  changes: list(change, MANY),
  source: words,
});

/** A finding as the panel shows it: changes are named by their place, the host knows the rest. */
export interface ShownFinding extends Omit<Finding, 'changes'> {
  /** The complaint in a few words. */
  readonly title: string;
  readonly changes: readonly Pick<ProposedChange, 'title' | 'value'>[];
}

export interface ShownDiagnosis {
  readonly findings: readonly ShownFinding[];
  readonly unable: Diagnosis['unable'];
  /** Rules that looked and found nothing. */
  readonly quiet: number;
}

export const shownDiagnosis = object<ShownDiagnosis>({
  findings: list(finding, MANY),
  unable: list(object<Diagnosis['unable'][number]>({ rule: name, why: words }), MANY),
  quiet: count,
});
