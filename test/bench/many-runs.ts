import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { RunStore } from '../../src/runs/index.ts';
import { RecordFile } from '../../src/runs/record-file.ts';
import { sampleRun } from '../panel/sample-run.ts';

/** Makes so many finished runs of three seeds below a folder, each with the record that a real one has. */
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: 'string', default: '1000' } },
});
const [folder = ''] = positionals;
const { record } = sampleRun({ seeds: [1, 2, 3], epochs: 30 });
const store = new RunStore(folder);
for (let n = 0; n < Number(options.runs); n++) {
  const run = store.create({
    ...{ name: record.name, config: join(folder, `digits-${n % 20}.kd.yaml`), configText: 'name: Digits\n' },
    ...{ overrides: [], seeds: record.seeds },
  });
  const file = new RecordFile(run.path);
  file.become('running', {
    ...{ startedAt: record.createdAt, ...(record.environment && { environment: record.environment }) },
    ...(record.progress && { progress: record.progress }),
  });
  file.become('completed', {
    finishedAt: record.createdAt,
    results: record.results ?? { phases: [], verdict: null },
  });
}
console.log(JSON.stringify({ runs: store.list().length }));
