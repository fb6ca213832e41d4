import { filesOf } from '../../../src/extension/panel/run-files.ts';
import { tableRowOf } from '../../../src/extension/panel/table-row.ts';
import { entryOf } from '../../../src/extension/runs/run-entry.ts';
import type { HostMessage } from '../../../src/protocol/panel.ts';
import { NO_LABELS } from '../../../src/protocol/labels.ts';
import { compareRuns } from '../../../src/reports/compare-runs.ts';
import { CONFIG, MadeRuns } from '../../reports/made-runs.ts';
import { sampleRun, type SampleRun } from '../sample-run.ts';
import { directoryOf } from './host-messages.ts';

/** Some runs as the host tells a page of them: made as run directories, read as the host reads them. */
export interface Compared {
  /** Shown beside them; its directory is that of the first row. */
  readonly run: SampleRun;
  readonly table: HostMessage;
  readonly comparison: HostMessage;
  readonly files: HostMessage;
}

const TEMPERATURES = [4, 8, 2, 1];

export function compared(name = 'Digits'): Compared {
  const made = new MadeRuns();
  try {
    const run = sampleRun();
    const directories = TEMPERATURES.map((temperature, at) =>
      made.add({
        id: at === 0 ? run.record.id : `2026-11-23-mnist-${at + 1}`,
        name,
        student: [0.96, 0.958, 0.963].map(
          (one, seed) => one + ([0, 0.012, 0.001, -0.02][at] ?? 0) + seed * at * 1e-4,
        ),
        ...(at < 2 && { alone: [0.955, 0.953, 0.957] }),
        parameters: [78_042, 78_042, 31_000, 120_000][at] ?? 0,
        latency: [0.11, 0.12, 0.05, 0.2][at] ?? 0,
        config: CONFIG.replace('temperature: 4', `temperature: ${temperature}`).replace(
          'epochs: 8',
          `epochs: ${at < 2 ? 8 : 12}`,
        ),
      }),
    );
    const entries = directories.map((directory, at) =>
      entryOf(directoryOf(directory.id), directory.record(), 'completed', {
        labels:
          [
            { ...NO_LABELS, starred: true, tags: ['warm'] },
            { ...NO_LABELS, tags: ['hot', 'good'], note: 'higher temperature' },
            NO_LABELS,
            { ...NO_LABELS, archived: true },
          ][at] ?? NO_LABELS,
      }),
    );
    const report = compareRuns(directories);
    const [first] = directories;
    if (first === undefined) throw new Error('there are runs');
    return {
      run,
      table: { type: 'table', rows: entries.map(tableRowOf) },
      comparison: { type: 'comparison', report },
      files: { type: 'files', ...filesOf(first.path, first.record()), run: directoryOf(first.id) },
    };
  } finally {
    made.dispose();
  }
}
