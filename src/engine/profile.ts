import { EXIT_CODES } from '../protocol/exit-codes.ts';
import type { ProfiledPhase, ProfileReport } from '../protocol/records.ts';
import { profilePhase } from '../training/profile/profile-phase.ts';
import { openDataset, readExperiment, servingExecutor } from './open-experiment.ts';

const RUNS = 20;

/**
 * Measures the training step of every phase of an experiment, on the executor that a run would use, and prints the report as JSON.
 *
 * @param file the experiment file
 * @param root folder that nothing may escape
 */
export async function profile(file: string, root: string): Promise<number> {
  const { experiment } = readExperiment(file, root);
  const executor = await servingExecutor(experiment);
  const dataset = await openDataset(experiment, root);
  const phases: ProfiledPhase[] = [];
  // Phases in which no learner moves have no step of one.
  for (const phase of experiment.phases.filter(({ loss, epochs }) => loss !== 'ahead' && epochs > 0)) {
    phases.push(await profilePhase(phase, { experiment, dataset, executor, runs: RUNS }));
  }
  const { name, description } = executor;
  const report: ProfileReport = { executor: { name, description }, phases };
  process.stdout.write(`${JSON.stringify(report)}\n`);
  return EXIT_CODES.done;
}
