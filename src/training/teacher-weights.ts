import type { TermSettings } from '../config/experiment.ts';
import type { Method } from '../methods/method.ts';
import type { ModelGraph } from '../models/description.ts';
import { resolveLayer } from '../models/names.ts';
import { batchNormOf } from '../models/norm-of.ts';
import { UserError } from '../protocol/errors.ts';

/**
 * Names of the teacher's tensors that a term reads, by the name under which its loss does.
 * @throws UserError KD4008 where the teacher has no such layer
 */
export function teacherWeights(
  { name, needs }: Method,
  { id, pairs }: TermSettings,
  teacher: ModelGraph,
): Readonly<Record<string, string>> {
  if (needs.teacherWeights === undefined) return {};
  if (needs.teacherWeights === 'classifier') {
    const { path, operation } = resolveLayer(teacher, teacher.logits);
    if (operation.kind !== 'dense' || !operation.bias) {
      throw missing(
        id,
        `${name} reuses the teacher's classifier, and "${path}" of ${teacher.architecture} is no dense layer with a bias.`,
        'Choose a teacher whose last layer is dense, or a method that needs only its answers.',
      );
    }
    return { 'classifier/kernel': `${path}/kernel`, 'classifier/bias': `${path}/bias` };
  }
  const weights: Record<string, string> = {};
  pairs.forEach((pair, index) => {
    const norm = batchNormOf(teacher, resolveLayer(teacher, pair.teacher));
    if (norm === null) {
      throw missing(
        id,
        `${name} reads the batch norm that yields the teacher's layer, and "${pair.teacher}" of ${teacher.architecture} comes from none.`,
        'Name a batch norm, or the sum at the end of a residual block, before its activation.',
      );
    }
    weights[`pair${index}/scale`] = `${norm.path}/scale`;
    weights[`pair${index}/offset`] = `${norm.path}/offset`;
  });
  return weights;
}

function missing(term: string, message: string, help: string): UserError {
  return new UserError({ code: 'KD4008', message, help, key: `distill.match.${term}` });
}
