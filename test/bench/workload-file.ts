import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelGraph } from '../../src/models/description.ts';
import { describe } from '../../src/models/describe.ts';
import { inferShapes } from '../../src/models/infer.ts';
import { readSafetensors, writeSafetensors } from '../../src/runs/safetensors.ts';
import type { StoredTensor } from '../../src/runs/writer.ts';
import { withPrefix } from '../../src/training/step-function.ts';
import { DISTILLATION, networkOf, RATES, type NetworkName } from './experiment.ts';

/** Steps that are not measured, the most and the fewest that are, and after how many seconds the fewest are enough. */
const MEASURED = { warmUp: 8, steps: 30, fewestSteps: 10, seconds: 4 } as const;

/** One piece of work that we and every peer do alike; `peers/common.py` reads the same folder. */
export interface Workload {
  readonly kind: 'step' | 'epoch' | 'inference';
  readonly batch: number;
  readonly student: NetworkName;
  readonly teacher: NetworkName | null;
  /** An epoch shows another view of every sample each time. */
  readonly augmented: boolean;
}

export type Tensors = Readonly<Record<string, StoredTensor>>;

export function writeWorkload(folder: string, workload: Workload, tensors: Tensors): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const teacher = workload.teacher === null ? null : exported(networkOf(workload.teacher));
  const content = {
    ...workload,
    ...MEASURED,
    ...RATES,
    ...DISTILLATION,
    learner: exported(networkOf(workload.student)),
    teacher,
    networks: { student: workload.student, teacher: workload.teacher },
    stepMultiplyAdds: workload.batch * trainingMultiplyAdds(networkOf(workload.student)),
  };
  writeFileSync(join(folder, 'workload.json'), JSON.stringify(content));
  writeSafetensors(join(folder, 'state.safetensors'), tensors);
}

export function readWorkload(folder: string): {
  readonly workload: Workload & typeof MEASURED;
  readonly tensors: Tensors;
} {
  const content = JSON.parse(readFileSync(join(folder, 'workload.json'), 'utf8')) as Workload &
    typeof MEASURED & { readonly networks: Pick<Workload, 'student' | 'teacher'> };
  return {
    workload: { ...content, ...content.networks },
    tensors: readSafetensors(join(folder, 'state.safetensors')),
  };
}

/** The tensors of one model, by their own names. */
export function weightsOf(tensors: Tensors, model: 'learner' | 'teacher'): Tensors {
  return withPrefix(tensors, `${model}/`);
}

/**
 * Multiply-adds of training on one sample: each layer's forward pass, its weight gradient and its input gradient, which the
 * first layer does not need.
 */
function trainingMultiplyAdds(graph: ModelGraph): number {
  const weighted = describe(graph).layers.flatMap(({ multiplyAdds }) =>
    multiplyAdds > 0 ? [multiplyAdds] : [],
  );
  return 3 * weighted.reduce((sum, work) => sum + work, 0) - (weighted[0] ?? 0);
}

/** The graph flat, each layer with the shape of its output: another framework builds its network from this alone. */
function exported(graph: ModelGraph) {
  const shapes = inferShapes(graph);
  return {
    architecture: graph.architecture,
    logits: graph.logits,
    layers: graph.layers.map(({ path, inputs, operation }) => ({
      ...operation,
      ...{ path, inputs, shape: shapes.get(path) },
    })),
  };
}
