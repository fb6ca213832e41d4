import { findMethod } from '../../methods/index.ts';
import { expandScheme } from '../../schemes/expand.ts';
import { findScheme } from '../../schemes/index.ts';
import type { Phase } from '../../schemes/phase.ts';
import type { AheadTerm } from '../../schemes/scheme.ts';
import { searchingRefiners } from '../../schemes/searches.ts';
import { chosen, type ConfigValue } from '../loose.ts';
import { furtherLearners, learnersOfTerm, names, rolesOf, teachersOfTerm } from '../roles.ts';
import { refinerSettings, termSettings } from '../settings.ts';
import { toPhase } from './read.ts';

/** The phases that are written out, or those of the scheme. */
export function phasesOf(value: ConfigValue): readonly Phase[] {
  const { distill, models, train, compare, phases } = value;
  const { from, teachers } = rolesOf(value);
  if (phases !== undefined)
    return phases.map((phase) => toPhase(phase, from, (name) => models[name]?.train !== undefined));
  const chosenScheme = chosen(distill.scheme);
  const scheme = findScheme(chosenScheme?.word ?? '');
  if (scheme === undefined) return [];
  const uses = new Map<string, number>();
  const context = {
    from: teachers,
    to: distill.to,
    epochs: train.epochs,
    baseline: compare.baseline,
    alsoTo: furtherLearners(value),
    ahead: distill.match.flatMap(aheadOf),
    searches: searchingRefiners(refinerSettings(distill.refine, uses), termSettings(distill.match, uses)),
    ownEpochs: (name: string) =>
      models[name]?.run === undefined ? (models[name]?.train?.epochs ?? train.epochs) : null,
  };
  return expandScheme(scheme, context, chosenScheme?.settings ?? {});
}

/** For how long what stands beside the learner of a term is to be trained before it. */
function aheadOf(term: object): readonly AheadTerm[] {
  const { word, settings } = chosen(term) ?? { word: '', settings: {} };
  const epochs = settings['aheadEpochs'];
  if (findMethod(word)?.opponent?.ahead !== true || typeof epochs !== 'number' || epochs === 0) return [];
  const [from, to] = [teachersOfTerm(term), learnersOfTerm(term)];
  return [
    { from: from === undefined ? null : names(from), ...(to === undefined ? {} : { to: names(to) }), epochs },
  ];
}
