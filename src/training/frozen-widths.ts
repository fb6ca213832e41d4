import type { Experiment } from '../config/experiment.ts';
import { widthsOfTensors, type Widths } from '../models/pruning.ts';
import { MERGED_BOOK, modelOf } from '../schemes/lessons.ts';
import type { Phase } from '../schemes/phase.ts';
import type { NamedTensors } from './phase-program.ts';
import { graphOf } from './plan.ts';

/**
 * How wide the layers of frozen models that lost neurons are, as their kept weights say. A merged book is compared with as its first
 * teacher, and is as wide.
 * @param load weights of a frozen instance of a model
 */
export function frozenWidths(
  experiment: Experiment,
  { freeze, book }: Phase,
  load: (instance: string, model: string) => NamedTensors,
): Map<string, Widths> {
  const widths = new Map<string, Widths>();
  for (const instance of freeze) {
    const model = modelOf(experiment.phases, instance);
    const graph = graphOf(experiment, model);
    if ((graph.pruning ?? []).length > 0) widths.set(instance, widthsOfTensors(graph, load(instance, model)));
  }
  const first = book === undefined ? undefined : widths.get(freeze[0] ?? '');
  if (first !== undefined) widths.set(MERGED_BOOK, first);
  return widths;
}
