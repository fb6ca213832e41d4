import { findMethod } from '../../methods/index.ts';
import { NO_GROUP_SIZES } from '../../methods/method.ts';
import { findLayer } from '../../models/names.ts';
import { reaches, speakersOf } from '../../schemes/lessons.ts';
import type { Phase } from '../../schemes/phase.ts';
import type { TermNumbers } from '../estimate.ts';
import type { ConfigValue } from '../loose.ts';
import { rolesOf } from '../roles.ts';
import { termSettings } from '../settings.ts';
import type { ResolvedModel } from './models.ts';

/**
 * Numbers in the variables that the terms of a phase bring to its learners. Groups and what plays against a learner are left out.
 *
 * @param known the whole config, its phases and models, samples of the training split and of a batch
 */
export function termVariables(
  phase: Phase,
  known: {
    readonly value: ConfigValue;
    readonly phases: readonly Phase[];
    readonly models: ReadonlyMap<string, ResolvedModel>;
    readonly samples: number;
    readonly batch: number;
  },
): TermNumbers {
  const { value, phases, models, samples, batch } = known;
  const numbers = { trainable: 0, kept: 0 };
  if (phase.loss === 'task') return numbers;
  const { from } = rolesOf(value);
  for (const written of phase.match ?? termSettings(value.distill.match, new Map())) {
    const method = findMethod(written.method);
    if (method?.variables === undefined || method.needs.group !== undefined) continue;
    if (phase.pairs !== undefined && method.needs.pairs === undefined) continue;
    for (const learner of phase.train) {
      const student = models.get(learner.model);
      if (student === undefined || !reaches(written.to, learner)) continue;
      const [speaker] = speakersOf(phase, learner, from, written.from, { phases });
      const teacher = models.get(speaker?.model ?? '');
      const pairs = (phase.pairs ?? written.pairs).map((layers) => ({
        teacher: shapeOf(teacher, layers.teacher),
        student: shapeOf(student, layers.student),
        layers,
      }));
      // Who hears nobody brings nothing.
      if (pairs.some(({ teacher }) => teacher.length === 0)) continue;
      const layers = written.layers.map((name) => shapeOf(student, name));
      const { classes } = student.description;
      const sizes = { ...NO_GROUP_SIZES, pairs, layers, classes, samples, batch };
      for (const { shape, trainable } of method.variables(sizes, written.parameters))
        numbers[trainable ? 'trainable' : 'kept'] += shape.reduce((product, size) => product * size, 1);
    }
  }
  return numbers;
}

function shapeOf(model: ResolvedModel | undefined, name: string): readonly number[] {
  const path = model === undefined ? undefined : findLayer(model.graph, name)?.path;
  return model?.description.layers.find((layer) => layer.path === path)?.shape ?? [];
}
