import type { LooseConfig } from '../loose.ts';
import { rolesOf } from '../roles.ts';
import { nodeAt } from '../syntax/node.ts';
import type { CheckContext } from './context.ts';
import type { DataFacts } from './data.ts';
import type { ResolvedModel } from './models.ts';

/** A teacher whose accuracy is below this many times that of guessing has learnt nothing. */
const GUESSING = 1.5;

/** What the records of earlier runs say of the teachers: worse than guessing, or than a model like the student. */
export function checkRecords(
  value: LooseConfig,
  models: ReadonlyMap<string, ResolvedModel>,
  data: DataFacts | null,
  context: CheckContext,
): void {
  const student = models.get(value.distill?.to ?? '');
  for (const name of rolesOf(value).teachers) {
    const teacher = models.get(name);
    const node = nodeAt(context.tree, ['models', name, 'run']);
    const earlier = teacher?.earlier ?? null;
    const accuracy = earlier?.accuracy ?? null;
    if (earlier === null || node === undefined || accuracy === null) continue;
    const { run } = earlier;
    const better = earlier.others
      .filter((other) => other.parameters === student?.description.parameters)
      .sort((a, b) => b.accuracy - a.accuracy)
      .at(0);
    if (data !== null && accuracy <= GUESSING / data.classes) {
      context.report.add('KD2219', node.place, {
        message: `${name} (run ${run}) has an accuracy of ${percent(accuracy)}, and guessing has ${percent(1 / data.classes)}`,
        help: 'Train the teacher first; a student cannot learn from it.',
      });
    } else if (better !== undefined && better.accuracy > accuracy) {
      context.report.add('KD2219', node.place, {
        message: `${name} (run ${run}) has an accuracy of ${percent(accuracy)}, and there the ${better.phase}, a model of the student's size, had ${percent(better.accuracy)}`,
        help: 'Train the teacher longer, or use another run.',
      });
    }
  }
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
