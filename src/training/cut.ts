import type { Dataset } from '../data/dataset.ts';
import type { Pruning } from '../models/description.ts';
import { neuronsToKeep, widthsOf, withoutNeurons } from '../models/pruning.ts';
import type { RunWriter } from '../runs/writer.ts';
import { measureActivity } from './activity.ts';
import type { JobProgress } from './job-progress.ts';
import type { Job } from './jobs.ts';
import type { NamedTensors, PhaseProgram } from './phase-program.ts';

/** What a look at the end of an epoch works with. */
interface Look {
  readonly program: PhaseProgram;
  readonly dataset: Dataset;
  readonly writer: RunWriter;
  readonly job: Job;
  readonly progress: JobProgress;
}

/**
 * Looks for silent neurons of the first learner at the end of an epoch, where it is time to. Where there are some, the state of the
 * program without them comes back, for a program of the smaller model to go on from; the progress says how wide its layers are, and
 * that the best weights are to be found anew among those of this width. Null where the model stays as it is.
 */
export async function cutSilentNeurons(look: Look): Promise<NamedTensors | null> {
  const { program, dataset, writer, job, progress } = look;
  const { learner } = program.plan;
  const { epoch, pruning } = progress;
  if (pruning?.epoch === epoch || job.phase.loss === 'ahead') return null;
  const unchanged = pruning?.unchanged ?? {};
  const due = (learner.graph.pruning ?? []).filter((one) => isDue(one, epoch, unchanged[one.layer] ?? 0));
  if (due.length === 0) return null;
  const before = widthsOf(learner.graph);
  const activity = await measureActivity(program, dataset, due);
  const kept = due.map((one) => ({
    one,
    keep: neuronsToKeep(activity[one.layer] ?? new Float32Array(), one),
  }));
  const cuts = kept.filter(({ one, keep }) => keep.length < (before[one.layer] ?? 0));
  progress.pruning = {
    epoch,
    widths: { ...before, ...Object.fromEntries(kept.map(({ one, keep }) => [one.layer, keep.length])) },
    unchanged: {
      ...unchanged,
      ...Object.fromEntries(
        due.map(({ layer }) => [
          layer,
          cuts.some(({ one }) => one.layer === layer) ? 0 : (unchanged[layer] ?? 0) + 1,
        ]),
      ),
    },
  };
  if (cuts.length === 0) return null;
  for (const { one, keep } of cuts) {
    const width = before[one.layer] ?? 0;
    const message = `${job.phase.name}, seed ${job.seed}: ${width - keep.length} of ${width} neurons of ${one.layer} are silent and go; ${keep.length} are left.`;
    writer.event({ kind: 'note', message, phase: job.phase.name, seed: job.seed, epoch });
  }
  progress.best = {};
  return cuts.reduce<NamedTensors>(
    (state, { one, keep }) => withoutNeurons(one, keep, state),
    await program.readState(),
  );
}

function isDue({ everyEpochs, patience }: Pruning, epoch: number, unchanged: number): boolean {
  return (epoch + 1) % everyEpochs === 0 && (patience === null || unchanged < patience);
}
