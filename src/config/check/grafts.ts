import { findMethod } from '../../methods/index.ts';
import { withGraft } from '../../models/graft.ts';
import { UserError } from '../../protocol/errors.ts';
import { chosen, type ConfigValue } from '../loose.ts';
import { phasesOf } from '../phases/phases.ts';
import { nearestNode, type Path } from '../syntax/node.ts';
import type { CheckContext } from './context.ts';
import { reportProblem, type ResolvedModel } from './models.ts';

/**
 * Whether blocks fit into the network that they are grafted into, and whether a term compares answers there.
 * @param value of a config without faults
 */
export function checkGrafts(
  value: ConfigValue,
  models: ReadonlyMap<string, ResolvedModel>,
  context: CheckContext,
): void {
  const written = value.phases !== undefined;
  phasesOf(value).forEach((phase, index) => {
    if (context.report.failed) return;
    const graft = phase.train.find((one) => one.graft !== undefined);
    if (graft?.graft === undefined) return;
    const { host, blocks, first, last } = graft.graft;
    const place: Path = written ? ['phases', index, 'train'] : ['distill', 'scheme', 'grafting', 'blocks'];
    const [of, own] = [models.get(host), models.get(graft.model)];
    if (of?.exact === true && own?.exact === true) {
      // A cut that does not fit is named where it is written.
      const faulty = [first - 2, last - 1].find(
        (cut) => cut >= 0 && cut < blocks.length && faultAt(cut) !== null,
      );
      const problem = faulty === undefined ? faultOf(first, last) : faultAt(faulty);
      if (problem !== null) {
        reportProblem(problem, nearestNode(context.tree, written ? place : [...place, faulty ?? 0]), context);
        return;
      }
    }
    const terms = value.distill.match.map((term) => findMethod(chosen(term)?.word ?? ''));
    const answers = terms.some((method) => method?.needs.logits === true && method.needs.pairs === undefined);
    if (answers) return;
    context.report.add('KD2218', nearestNode(context.tree, ['distill', 'match']).place, {
      message: 'grafted blocks learn from answers alone, and no term compares answers',
      help: 'Add one such as netgraft or kd.',
    });

    function faultAt(cut: number) {
      return faultOf(cut + 1, cut + 1) ?? faultOf(cut + 2, cut + 2);
    }
    function faultOf(from: number, to: number) {
      if (of === undefined || own === undefined || to > blocks.length + 1) return null;
      try {
        withGraft(of.graph, own.graph, blocks, from, to);
        return null;
      } catch (error) {
        if (error instanceof UserError) return error.problem;
        throw error;
      }
    }
  });
}
