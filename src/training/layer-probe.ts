import type { Experiment, MeasureRhythm } from '../config/experiment.ts';
import { describeMeeting } from '../config/layers/meeting.ts';
import type { Dataset } from '../data/dataset.ts';
import type { NumericArray } from '../compiler/graph.ts';
import { compareAll } from '../measures/compare-layers.ts';
import { layerKernels, type LayerKernels } from '../measures/layer-similarity.ts';
import { probeBatches } from '../measures/layer-grams.ts';
import type { LayerMeeting, SimilarityRecord } from '../protocol/records.ts';
import type { RunWriter } from '../runs/writer.ts';
import { inOrder } from './data.ts';
import type { Job } from './jobs.ts';
import { isDue } from './measurements.ts';
import type { PhaseProgram } from './phase-program.ts';
import type { PhasePlan } from './plan.ts';
import { matchedPairs } from './probe-layers.ts';
import { similarityRhythm } from './similarity-rhythm.ts';

/** Of the time of the steps: what measuring should stay below. */
const MOST_SHARE = 0.03;

interface ProbeContext {
  readonly experiment: Experiment;
  readonly dataset: Dataset;
  readonly writer: RunWriter;
}

/** Compares every named layer of the teacher with every one of the student on the first validation samples, as a job goes on. */
export class LayerProbe {
  readonly #context: ProbeContext;
  readonly #job: Job;
  readonly #program: PhaseProgram;
  readonly #rhythm: MeasureRhythm;
  /** The teacher stands still while a job learns from it. */
  #teacher: readonly LayerKernels[] | null = null;
  #comparisons = 0;
  #milliseconds = 0;

  constructor(context: ProbeContext, job: Job, program: PhaseProgram) {
    this.#context = context;
    this.#job = job;
    this.#program = program;
    const { experiment, dataset } = context;
    this.#rhythm = similarityRhythm(experiment.measure.similarity, program.plan, {
      probe: program.sizes.probe,
      train: dataset.splits.train.count,
    });
  }

  /**
   * Writes a record for each measure where they are due after this epoch. Returns the linear CKA of the pairs that terms match, as
   * `similarity/<teacher layer>:<student layer>`.
   */
  async compareAfter(epoch: number, epochs: number): Promise<Readonly<Record<string, number>>> {
    if (!isDue(this.#rhythm, epoch, epochs)) return {};
    const began = performance.now();
    const records = await this.#compare(epoch);
    if (records.length === 0) return {};
    for (const record of records) this.#context.writer.similarity(record);
    this.#comparisons++;
    this.#milliseconds += performance.now() - began;
    return matchedSimilarities(this.#program.plan, records);
  }

  /** Writes who met whom in this phase, and what comparing them took of the time that its steps took since this engine started. */
  finish(stepMilliseconds: number): void {
    const meeting = meetingOf(this.#context, this.#program.plan);
    if (meeting === null || this.#comparisons === 0) return;
    const milliseconds = Math.round(this.#milliseconds);
    const share = stepMilliseconds === 0 ? 0 : this.#milliseconds / stepMilliseconds;
    const { phase, seed } = this.#job;
    this.#context.writer.layers({
      ...meeting,
      cost: { comparisons: this.#comparisons, milliseconds, share },
    });
    this.#context.writer.log(
      `${phase.name}, seed ${seed}: layers compared ${this.#comparisons} times in ${milliseconds} ms, ${(share * 100).toFixed(1)} % of the steps' time${adviceAt(share)}`,
    );
  }

  async #compare(epoch: number): Promise<readonly SimilarityRecord[]> {
    const { sizes, probeLayers } = this.#program;
    const [batch] = sizes.probe === 0 ? [] : inOrder(this.#context.dataset, 'validation', sizes.probe);
    if (batch === undefined) return [];
    const { batches, size } = probeBatches(sizes.probe, sizes.probe);
    const images = { images: batch.inputs };
    const kernels = async (graph: string, layers: readonly string[]) => {
      const fetched = await this.#program.run(graph, images);
      return layers.map((layer) => layerKernels(fetched[layer] as NumericArray, size));
    };
    this.#teacher ??= await kernels('probeTeacher', probeLayers.teacher);
    const student = await kernels('probe', probeLayers.learner);
    const { phase, seed } = this.#job;
    return compareAll(this.#teacher, student).map(({ measure, ...tables }) => ({
      ...{ phase: phase.name, seed, epoch, measure, samples: sizes.probe, batches },
      ...{ teacherLayers: probeLayers.teacher, studentLayers: probeLayers.learner, ...tables },
    }));
  }
}

/** The rhythm is counted and not timed, so a machine may take longer than was counted with: then it says what makes it less. */
function adviceAt(share: number): string {
  return share > MOST_SHARE
    ? '; `measure.similarity: { every: { epochs: ... } }` or `false` makes it less'
    : '';
}

/** The layers of a phase and the adapters between them; null where nobody finished teaches. */
function meetingOf(
  { dataset }: Pick<ProbeContext, 'dataset'>,
  { phase, teacher, learner, settings }: PhasePlan,
): LayerMeeting | null {
  if (teacher === null) return null;
  const heard = learner.lessons.filter(({ speakers }) =>
    speakers.some(({ instance }) => instance === teacher.instance),
  );
  const samples = dataset.splits.train.count;
  return describeMeeting({
    phase: phase.name,
    teacher: { model: teacher.model, graph: teacher.graph },
    student: { model: learner.model, graph: learner.graph },
    terms: heard.map(({ term }) => ({
      ...{ method: term.method.name, pairs: term.settings.pairs, parameters: term.settings.parameters },
    })),
    sizes: { samples, batch: Math.min(samples, settings.batchSize) },
  });
}

function matchedSimilarities(plan: PhasePlan, records: readonly SimilarityRecord[]): Record<string, number> {
  const linear = records.find(({ measure }) => measure === 'linearCka');
  if (linear === undefined) return {};
  const { teacherLayers, studentLayers, values } = linear;
  return Object.fromEntries(
    matchedPairs(plan).flatMap(({ teacher, student }) => {
      const value = values[teacherLayers.indexOf(teacher)]?.[studentLayers.indexOf(student)];
      return value === undefined ? [] : [[`similarity/${teacher}:${student}`, Number(value)]];
    }),
  );
}
