import { findMethod } from '../../methods/index.ts';
import { reaches, speakersOf } from '../../schemes/lessons.ts';
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
  termSettings(value.distill.match, new Map()).forEach((term, index) => {
    if (findMethod(term.method)?.needs.words !== true) return;
    const taught = phases.filter(({ loss, match }) => loss === 'distill' && match === undefined);
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
    if (other === undefined) return;
    context.report.add('KD2218', keyPlace(context.tree, ['distill', 'match', index, term.method]), {
      message: `${term.method} compares words frame by frame, and ${other} names classes without reading them`,
      help: 'Give every model that it meets the module `ctc`.',
    });
  });
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
  const terms = termSettings(value.distill.match, new Map());
  const { from } = rolesOf(value);
  const { book } = value.distill;
  terms.forEach((term, index) => {
    if (findMethod(term.method)?.needs.passes !== true) return;
    const path: Path = ['distill', 'match', index, term.method];
    const fault = (message: string, help: string) => {
      context.report.add('KD2221', keyPlace(context.tree, path), { message, help });
    };
    if ((book !== undefined && book !== false) || phases.some((phase) => phase.book !== undefined)) {
      fault(
        `${term.method} hears every answer of an ensemble, and a book holds one answer to each sample`,
        'Leave `distill.book` out.',
      );
      return;
    }
    for (const phase of phases.filter(({ loss, match }) => loss === 'distill' && match === undefined)) {
      const learner = phase.train.find((one) => reaches(term.to, one));
      if (learner === undefined) continue;
      const [only, ...others] = speakersOf(phase, learner, from, term.from, { phases });
      if (only === undefined || others.length > 0) continue;
      if (models.get(only.model)?.graph.bayesian !== undefined) continue;
      fault(
        `${only.model} alone gives one answer to a sample, which says nothing of what it does not know`,
        'Give it the module `bayesian`, or name several teachers in `distill.from` under `scheme: multiTeacher`.',
      );
      return;
    }
  });
}
