import type { Experiment } from '../config/experiment.ts';
import { probeBatches } from '../measures/layer-grams.ts';
import type { ModelGraph } from '../models/description.ts';
import { nameOfLayer, namedLayers } from '../models/named-layers.ts';
import { findLayer } from '../models/names.ts';
import type { LayerPair } from '../schemes/source.ts';
import type { PhasePlan } from './plan.ts';

/** Samples on which layers are compared while a run trains, at most. */
const MOST_SAMPLES = 128;

/** Names of the layers of teacher and student that are compared; both empty where nobody finished teaches. */
export interface ProbeLayers {
  readonly teacher: readonly string[];
  readonly learner: readonly string[];
}

/** How many validation samples the layers of a phase are compared on, whole batches; 0: they are not. */
export function probeSize({ measure }: Experiment, { teacher }: PhasePlan, available: number): number {
  if (!measure.similarity.enabled || teacher === null) return 0;
  const { batches, size } = probeBatches(available, MOST_SAMPLES);
  return batches * size;
}

/** All layers with names, and those that a term matches. */
export function probeLayersOf(plan: PhasePlan): ProbeLayers {
  if (plan.teacher === null) return { teacher: [], learner: [] };
  const pairs = matchedPairs(plan);
  const names = (graph: ModelGraph, matched: readonly string[]) =>
    namedLayers(
      graph,
      matched.flatMap((layer) => findLayer(graph, layer)?.path ?? []),
    ).map(({ name }) => name);
  return {
    teacher: names(
      plan.teacher.graph,
      pairs.map(({ teacher }) => teacher),
    ),
    learner: names(
      plan.learner.graph,
      pairs.map(({ student }) => student),
    ),
  };
}

/** The pairs of layers by which the first learner learns from the first teacher, each once, in the names of `probeLayersOf`. */
export function matchedPairs({ teacher, learner }: PhasePlan): readonly LayerPair[] {
  if (teacher === null) return [];
  const name = (graph: ModelGraph, layer: string) => {
    const path = findLayer(graph, layer)?.path;
    return path === undefined ? layer : nameOfLayer(graph, path);
  };
  const pairs = learner.lessons
    .filter(({ speakers }) => speakers.some(({ instance }) => instance === teacher.instance))
    .flatMap(({ term }) => term.settings.pairs)
    .map((pair) => ({
      teacher: name(teacher.graph, pair.teacher),
      student: name(learner.graph, pair.student),
    }));
  return [...new Map(pairs.map((pair) => [`${pair.teacher} ${pair.student}`, pair])).values()];
}
