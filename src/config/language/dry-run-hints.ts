import { createHash } from 'node:crypto';
import type { DryRunReport } from '../../protocol/records.ts';
import { effectiveText } from './effective-text.ts';
import type { LanguageContext } from './types.ts';

/** The last dry run of a file, and whether it still speaks of the text. */
export interface Tried {
  readonly report: DryRunReport;
  /** The config has changed since. */
  readonly isStale: boolean;
}

export function triedOf(text: string, context: LanguageContext): Tried | null {
  const report = context.tried?.() ?? null;
  if (report === null) return null;
  const effective = effectiveText(text, context).text;
  const hash = effective === null ? null : createHash('sha256').update(effective).digest('hex');
  return { report, isStale: hash !== report.effectiveHash };
}

/** What the dry run says of each term of `distill.match`, in its order; null where it says nothing. */
export function sharesOf({ phases }: DryRunReport, names: readonly string[]): readonly (string | null)[] {
  // The cross-entropy comes first. A scheme has phases without these terms.
  const fits = ({ terms }: DryRunReport['phases'][number]) =>
    terms.length === names.length + 1 && names.every((name, at) => terms[at + 1]?.id.startsWith(name));
  const terms = phases.find(fits)?.terms.slice(1);
  return names.map((_, at) => {
    const share = terms?.[at]?.gradientShare;
    return typeof share === 'number' ? `${(100 * share).toFixed(0)} % of the gradient` : null;
  });
}
