import { findMethod } from '../methods/index.ts';
import { findRefiner } from '../methods/refine/index.ts';
import { reaches } from './lessons.ts';
import type { Phase } from './phase.ts';
import type { SearchingRefiner } from './scheme.ts';
import type { RefinerSettings, TermSettings } from './terms.ts';

/** Refiners that search, of those before all terms and before single ones. */
export function searchingRefiners(
  ofAll: readonly RefinerSettings[],
  terms: readonly TermSettings[],
): readonly SearchingRefiner[] {
  const layered = terms.filter(({ method }) => findMethod(method)?.needs.pairs !== undefined);
  const before = [
    ...ofAll.map((settings) => ({ settings, to: layered.map(({ to }) => to) })),
    ...terms.flatMap(({ refine, to }) => refine.map((settings) => ({ settings, to: [to] }))),
  ];
  return before.flatMap(({ settings: { id, refiner, parameters }, to }) => {
    if (findRefiner(refiner)?.search === undefined) return [];
    const { searchEvery, searchEpochs } = parameters;
    return [{ name: id, to, every: Number(searchEvery), epochs: Number(searchEpochs) }];
  });
}

/** A phase with turns of the refiners that search before its terms; of several the one that searches most often sets the pace. */
export function withSearches(phase: Phase, searches: readonly SearchingRefiner[]): Phase {
  const { loss, match, generator, epochs, train, alternate } = phase;
  if (loss !== 'distill' || match !== undefined || generator !== undefined || epochs === 0) return phase;
  const heard = searches.filter(
    (one) => one.epochs > 0 && one.to.some((to) => train.some((learner) => reaches(to, learner))),
  );
  if (heard.length === 0) return phase;
  const steps = Math.min(...heard.map(({ every }) => every));
  const training = alternate ?? [{ update: train.map(({ instance }) => instance), steps }];
  const turns = heard.map(({ name, epochs: searched }) => ({
    update: [name],
    steps: 1,
    on: 'validation' as const,
    ...(searched >= epochs ? {} : { epochs: searched }),
  }));
  return { ...phase, alternate: [...training, ...turns] };
}
