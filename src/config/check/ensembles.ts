import { findMethod } from '../../methods/index.ts';
import { reaches, speakersOf } from '../../schemes/lessons.ts';
import type { Phase } from '../../schemes/phase.ts';
import type { TermSettings } from '../../schemes/terms.ts';
import type { ConfigValue } from '../loose.ts';
import { phasesOf } from '../phases/phases.ts';
import { rolesOf } from '../roles.ts';
import { termSettings } from '../settings.ts';
import { keyPlace, type Path } from '../syntax/node.ts';
import type { CheckContext } from './context.ts';
import type { ResolvedModel } from './models.ts';

/**
 * A term that compares words frame by frame has models that read words.
 *
 * @param value of a config without faults
 */
export function checkWords(
  value: ConfigValue,
  models: ReadonlyMap<string, ResolvedModel>,
  context: CheckContext,
): void {
  const phases = phasesOf(value);
  const { from } = rolesOf(value);
  for (const { term, path: place, taught } of heardTerms(value, phases)) {
    if (findMethod(term.method)?.needs.words !== true) continue;
    const met = taught.flatMap((phase) =>
      phase.train
        .filter((learner) => reaches(term.to, learner))
        .flatMap((learner) => [
          learner.model,
          ...speakersOf(phase, learner, from, term.from, { phases }).map(({ model }) => model),
        ]),
    );
    const other = met.find((name) => {
      const graph = models.get(name)?.graph;
      return graph?.layers.find(({ path }) => path === graph.logits)?.operation.kind !== 'ctcWords';
    });
    if (other === undefined) continue;
    context.report.add('KD2218', keyPlace(context.tree, place), {
      message: `${term.method} compares words frame by frame, and ${other} names classes without reading them`,
      help: 'Give every model that it meets the module `ctc`.',
    });
  }
}

/**
 * A term that hears many answers has somebody who gives them: several models, or one that is Bayesian.
 *
 * @param value of a config without faults
 */
export function checkEnsembles(
  value: ConfigValue,
  models: ReadonlyMap<string, ResolvedModel>,
  context: CheckContext,
): void {
  const phases = phasesOf(value);
  const { from } = rolesOf(value);
  const { book } = value.distill;
  for (const { term, path, taught } of heardTerms(value, phases)) {
    if (findMethod(term.method)?.needs.passes !== true) continue;
    const fault = (message: string, help: string) => {
      context.report.add('KD2221', keyPlace(context.tree, path), { message, help });
    };
    if ((book !== undefined && book !== false) || phases.some((phase) => phase.book !== undefined)) {
      fault(
        `${term.method} hears every answer of an ensemble, and a book holds one answer to each sample`,
        'Leave `distill.book` out.',
      );
      continue;
    }
    for (const phase of taught) {
      const learner = phase.train.find((one) => reaches(term.to, one));
      if (learner === undefined) continue;
      const [only, ...others] = speakersOf(phase, learner, from, term.from, { phases });
      if (only === undefined || others.length > 0) continue;
      if (models.get(only.model)?.graph.bayesian !== undefined) continue;
      fault(
        `${only.model} alone gives one answer to a sample, which says nothing of what it does not know`,
        'Give it the module `bayesian`, or name several teachers in `distill.from` under `scheme: multiTeacher`.',
      );
      break;
    }
  }
}

/** A term, its place, and the phases whose students hear it. */
interface HeardTerm {
  readonly term: TermSettings;
  readonly path: Path;
  readonly taught: readonly Phase[];
}

/** Terms of all phases, and those of single ones. @param phases of `value` */
function heardTerms(value: ConfigValue, phases: readonly Phase[]): readonly HeardTerm[] {
  const distills = phases.filter(({ loss }) => loss === 'distill');
  const common = termSettings(value.distill.match, new Map()).map((term, index) => ({
    term,
    path: ['distill', 'match', index, term.method],
    taught: distills.filter(({ match }) => match === undefined),
  }));
  if (value.phases === undefined) return common;
  const own = distills.flatMap((phase) =>
    (phase.match ?? []).map((term, index) => ({
      term,
      path: ['phases', phases.indexOf(phase), 'match', index, term.method],
      taught: [phase],
    })),
  );
  return [...common, ...own];
}
