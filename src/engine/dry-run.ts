import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Bookshelf } from '../bookshelf/shelf.ts';
import { EXIT_CODES } from '../protocol/exit-codes.ts';
import type { DryRunReport } from '../protocol/records.ts';
import { DirectoryWriter } from '../runs/directory-writer.ts';
import { dryRunFile, writeDryRun } from '../runs/dry-runs.ts';
import { RecordFile } from '../runs/record-file.ts';
import { RunStore } from '../runs/store.ts';
import { dryRun as dryRunOf } from '../training/dry-run/dry-run.ts';
import { chooseExecutor } from './choose-executor.ts';
import { earlierModel } from './earlier-model.ts';
import { openDataset, readExperiment } from './open-experiment.ts';

/**
 * Takes a few steps of every phase of an experiment, on the executor that a run would use, keeps the report beside the runs and
 * prints it as JSON.
 *
 * @param file the experiment file
 * @param root folder that nothing may escape
 */
export async function dryRun(file: string, root: string): Promise<number> {
  const began = performance.now();
  const { experiment, effective } = readExperiment(file, root);
  const folder = scratchFolder(root, file);
  try {
    const dataset = await openDataset(experiment, root);
    const run = new RunStore(folder).create({
      ...{ name: experiment.name, config: file, configText: readFileSync(file, 'utf8') },
      ...{ overrides: [], seeds: experiment.compare.seeds },
    });
    const record = new RecordFile(run.path);
    const scratch = new DirectoryWriter(record);
    const chosen = await chooseExecutor({ file: record, writer: scratch, resume: null }, experiment, dataset);
    const found = await dryRunOf({
      ...{ experiment, dataset, ...chosen, scratch },
      earlierModel: (reference, model) => earlierModel(root, reference, model),
      bookshelf: new Bookshelf(folder),
      runShelf: new Bookshelf(root),
      // A run begins with the same, trial of executors and all.
      startMilliseconds: performance.now() - began,
    });
    scratch.close();
    const effectiveHash = createHash('sha256').update(effective).digest('hex');
    const report: DryRunReport = { file, time: Date.now() / 1000, effectiveHash, ...found };
    writeDryRun(root, report);
    process.stdout.write(`${JSON.stringify(report)}\n`);
    return EXIT_CODES.done;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** On the disk that a run would be written to, and not among the runs. */
function scratchFolder(root: string, file: string): string {
  const parent = dirname(dryRunFile(root, file));
  mkdirSync(parent, { recursive: true });
  return mkdtempSync(join(parent, 'trial-'));
}
