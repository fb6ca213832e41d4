import { reaches } from './lessons.ts';
import type { Phase } from './phase.ts';
import type { AheadTerm, Scheme, SchemeContext } from './scheme.ts';
import { withSearches } from './searches.ts';

/**
 * The phases of a scheme, with what every scheme has in common: further models that single terms teach learn beside the student,
 * networks that are to be trained ahead have a phase before that of the learners which hear them, and refiners that search have
 * turns on validation in every phase in which somebody learns by the terms behind them.
 */
export function expandScheme(
  scheme: Scheme,
  context: SchemeContext,
  settings: Readonly<Record<string, unknown>>,
): readonly Phase[] {
  const { to, alsoTo = [], ahead = [], searches = [] } = context;
  const phases = scheme.expand(context, settings);
  const joined = scheme.joins === true ? withFurther(phases, to, alsoTo) : phases;
  const searching = joined.map((phase) => withSearches(phase, searches));
  return searching.flatMap((phase) => withAhead(phase, searching, ahead));
}

/** The last phase in which the student is taught also trains what single terms name. */
function withFurther(phases: readonly Phase[], to: string, further: readonly string[]): readonly Phase[] {
  if (further.length === 0) return phases;
  const last = phases.findLastIndex(({ loss, train }) => loss === 'distill' && train[0]?.model === to);
  const learners = further.map((model) => ({ instance: model, model, named: true }));
  return phases.map((phase, index) =>
    index === last ? { ...phase, train: [...phase.train, ...learners] } : phase,
  );
}

/** A phase, and before it the one that trains the networks beside its learners, where some are to be trained ahead. */
function withAhead(phase: Phase, phases: readonly Phase[], terms: readonly AheadTerm[]): readonly Phase[] {
  const epochs = Math.max(
    0,
    ...terms.filter((term) => isHeardFrozen(term, phase)).map((term) => term.epochs),
  );
  if (epochs === 0) return [phase];
  const name = `${phase.name}-ahead`;
  const { freeze, settingsOf, source, pairs, onlyIf } = phase;
  const changing = phases.filter(({ perSeed }) => perSeed).flatMap(({ train }) => train);
  const ahead: Phase = {
    name,
    freeze,
    settingsOf,
    ...(source === undefined ? {} : { source }),
    ...(pairs === undefined ? {} : { pairs }),
    ...(onlyIf === undefined ? {} : { onlyIf }),
    train: phase.train.map(({ instance, model, named = false }) => ({
      instance: `${instance}-ahead`,
      model,
      ...(named ? { named } : {}),
    })),
    loss: 'ahead',
    epochs,
    // Whoever answers alike under every seed is paraphrased once.
    perSeed: phase.perSeed && phase.freeze.some((one) => changing.some(({ instance }) => instance === one)),
  };
  return [ahead, { ...phase, beside: name }];
}

/** Whether a term hears somebody who stands still throughout the phase. */
function isHeardFrozen({ from, to }: AheadTerm, phase: Phase): boolean {
  const { loss, match, generator, freeze, source, train } = phase;
  if (loss !== 'distill' || match !== undefined || generator !== undefined || phase.epochs === 0)
    return false;
  if (!train.some((learner) => reaches(to, learner))) return false;
  return from === null ? freeze.length > 0 && (source ?? { kind: 'frozen' }).kind === 'frozen' : true;
}
