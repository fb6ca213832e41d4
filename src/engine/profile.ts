import type { Experiment } from '../config/experiment.ts';
import { EXIT_CODES } from '../protocol/exit-codes.ts';
import type { ProfiledPhase, ProfileReport } from '../protocol/records.ts';
import { profilePhase } from '../training/profile/profile-phase.ts';
import { wholeSteps } from '../training/profile/whole-steps.ts';
import { openDataset, readExperiment, servingExecutor } from './open-experiment.ts';

const RUNS = 20;
/** Of the steps of all phases in turns. */
const ROUNDS = 40;

/**
 * Measures the training step of every phase of an experiment, on the executor that a run would use, and prints the report as JSON.
 *
 * @param file the experiment file
 * @param root folder that nothing may escape
 * @param what `whole`: whole steps of the phases beside one another, without their parts
 */
export async function profile(file: string, root: string, what?: string): Promise<number> {
  const { experiment } = readExperiment(file, root);
  const executor = await servingExecutor(experiment);
  const dataset = await openDataset(quickToOpen(experiment), root);
  // Phases in which no learner moves have no step of one.
  const moving = experiment.phases.filter(({ loss, epochs }) => loss !== 'ahead' && epochs > 0);
  const options = { experiment, dataset, executor };
  const phases: ProfiledPhase[] = [];
  for (const phase of what === 'whole' ? [] : moving)
    phases.push(await profilePhase(phase, { ...options, runs: RUNS }));
  const steps = await wholeSteps(moving, { ...options, runs: ROUNDS });
  const { name, description } = executor;
  const report: ProfileReport = { executor: { name, description }, phases, steps };
  process.stdout.write(`${JSON.stringify(report)}\n`);
  return EXIT_CODES.done;
}

/** Copies are not looked for where they stay: that takes long, and no step depends on it. */
function quickToOpen(experiment: Experiment): Experiment {
  const { duplicates, ...data } = experiment.data;
  return duplicates?.across === 'drop' ? experiment : { ...experiment, data };
}
