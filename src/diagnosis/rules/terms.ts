import type { ProposedChange } from '../../protocol/diagnosis.ts';
import type { Say } from '../../protocol/say.ts';
import type { Evidence } from '../evidence.ts';
import { mostly, seriesOf, taught } from '../evidence.ts';
import { meanOf } from '../../protocol/mean.ts';
import { percent, plain, type Rule } from '../rule.ts';
import type { Term } from '../settings.ts';

const WEAK = 0.01;
const STRONG = 0.99;
/** What a change of a weight aims at. */
const WANTED = { weak: 0.2, strong: 0.8 };

export const deadTerm: Rule = {
  name: 'deadTerm',
  title: 'A term of the loss has no say',
  criterion: `In the second half of the training the gradient of a term is below ${WEAK * 100} % of all gradients together, in most seeds.`,
  source:
    'measured: the share of each term is the norm of its weighted gradient over the sum of those norms, once an epoch',
  look: (evidence, say) => {
    const shares = sharesOf(evidence);
    if (shares.length === 0) return { unable: say`no shares of the gradient were recorded` };
    const weak = shares.filter(({ share, term }) => share < WEAK && term.weight !== 0);
    if (weak.length === 0) return null;
    return {
      symptom:
        weak.length === 1
          ? say`${namesOf(weak)} pulls at the student with next to no force.`
          : say`${namesOf(weak)} pull at the student with next to no force.`,
      evidence: weak.map(({ term, share }) => ({
        what: say`share of "${term.id}" in the gradient`,
        value: percent(share),
      })),
      cause: say`Its weight is too small for the size of its values, or what it compares is already the same.`,
      changes: weak.flatMap((one) => newWeight(one, WANTED.weak, say)),
    };
  },
};

export const dominatingTerm: Rule = {
  name: 'dominatingTerm',
  title: 'A term of the loss drowns all others',
  criterion: `In the second half of the training the gradient of one term is above ${STRONG * 100} % of all gradients together, and the loss has other parts, in most seeds.`,
  source:
    'measured: the share of each term is the norm of its weighted gradient over the sum of those norms, once an epoch',
  look: (evidence, say) => {
    const shares = sharesOf(evidence);
    if (shares.length === 0) return { unable: say`no shares of the gradient were recorded` };
    const others = shares.length > 1 || evidence.settings.hardLabelWeight !== 0;
    const strong = others ? shares.filter(({ share }) => share > STRONG) : [];
    if (strong.length === 0) return null;
    return {
      symptom: say`${namesOf(strong)} alone steers the student; labels and other terms are not heard.`,
      evidence: strong.map(({ term, share }) => ({
        what: say`share of "${term.id}" in the gradient`,
        value: percent(share),
      })),
      cause: say`Its weight is too large for the size of its values: weights of papers belong to their networks and sums.`,
      changes: strong.flatMap((one) => newWeight(one, WANTED.strong, say)),
    };
  },
};

interface Share {
  readonly term: Term;
  /** 0..1, mean over the second half, of most seeds. */
  readonly share: number;
}

function sharesOf(evidence: Evidence): Share[] {
  const students = taught(evidence);
  return evidence.settings.terms.flatMap((term) => {
    const bySeed = students.flatMap((student) => {
      const values = seriesOf(student, 'train', `gradientShare/${term.id}`).map(({ value }) => value);
      const half = values.slice(Math.floor(values.length / 2));
      return half.length === 0 ? [] : [meanOf(half)];
    });
    if (!mostly(students, bySeed)) return [];
    const sorted = [...bySeed].sort((one, other) => one - other);
    return [{ term, share: sorted[Math.floor(sorted.length / 2)] ?? NaN }];
  });
}

/** The weight at which the share would be `wanted`, were all other gradients to stay as they are: w · (1 − s) p / (s (1 − p)). */
function newWeight({ term, share }: Share, wanted: number, say: Say): ProposedChange[] {
  if (term.weight === null || share <= 0 || share >= 1) return [];
  const weight = plain((term.weight * wanted * (1 - share)) / (share * (1 - wanted)));
  return [
    {
      title: say`Weigh "${term.id}" by ${weight} instead of ${plain(term.weight)}, for about ${wanted * 100} % of the gradient`,
      path: ['distill', 'match', term.index, term.method, 'weight'],
      value: weight,
    },
  ];
}

function namesOf(shares: readonly Share[]): string {
  return shares.map(({ term }) => `"${term.id}"`).join(', ');
}
