import type { Say } from '../../protocol/say.ts';
import { short, type Rule } from '../rule.ts';

const FEW = 3;

export const tooFewSeeds: Rule = {
  name: 'tooFewSeeds',
  title: 'Too few seeds to tell',
  criterion: `The verdict is INCONCLUSIVE and a number of seeds would decide it, or there are fewer than ${FEW} pairs of seeds.`,
  source:
    'the paired t test of the verdict; Bouthillier et al. 2021 (arXiv:2103.03098): seeds move results as much as many methods do',
  look: ({ results, settings }, say) => {
    const verdict = results?.verdict ?? null;
    if (verdict === null)
      return { unable: settings.baseline ? say`there is no verdict yet` : say`there is no baseline` };
    if (verdict.verdict !== 'INCONCLUSIVE') return null;
    const wanted = verdict.pairs < FEW ? FEW : (verdict.seedsToDecide ?? null);
    if (wanted === null || wanted <= settings.seeds.length) return null;
    const largest = Math.max(0, ...settings.seeds);
    const fresh = (count: number) => Array.from({ length: count }, (_, at) => largest + at + 1);
    // Where a verdict was looked at, its seeds have had their chance to be wrong; where there was none, more may join them.
    const isJudged = verdict.interval !== null;
    const seeds = isJudged ? fresh(wanted) : [...settings.seeds, ...fresh(wanted - settings.seeds.length)];
    return {
      symptom: say`The difference to the baseline is smaller than what chance moves it by.`,
      evidence: [
        {
          what: say`difference to the baseline`,
          value:
            verdict.unit === 'points'
              ? say`${short(verdict.difference)} points`
              : say`${short(verdict.difference)} nats`,
        },
        ...(verdict.interval === null
          ? []
          : [{ what: say`its 95 % interval`, value: intervalText(verdict.interval, say) }]),
        { what: say`pairs of seeds`, value: String(verdict.pairs) },
      ],
      cause: say`So few pairs leave the interval wide.`,
      changes: [
        {
          title: isJudged
            ? say`Train ${wanted} other seeds, and judge them alone`
            : say`Train ${wanted} seeds, and judge once they are all there`,
          path: ['compare', 'seeds'],
          value: `[${seeds.join(', ')}]`,
        },
      ],
    };
  },
};

function intervalText([low, high]: readonly [number, number], say: Say): string {
  return say`${short(low)} to ${short(high)}`;
}
