import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { RunStore } from '../../src/runs/index.ts';
import { FILES } from '../../src/runs/layout.ts';
import { RecordFile } from '../../src/runs/record-file.ts';
import { sampleRun } from '../panel/sample-run.ts';

/** Lines that are written together. */
const BLOCK = 10_000;

/** Makes a run below a folder whose metrics have so many records, each as a real run writes them. Prints where it lies. */
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { records: { type: 'string', default: '1000000' } },
});
const [folder = ''] = positionals;
const wanted = Number(options.records);
const { metrics, record } = sampleRun({ seeds: [1, 2, 3], epochs: 30 });
const run = new RunStore(folder).create({
  ...{ name: record.name, config: join(folder, 'long.kd.yaml'), configText: 'name: Long\n' },
  ...{ overrides: [], seeds: record.seeds },
});
const file = new RecordFile(run.path);
file.become('running');
file.become('completed', { results: record.results ?? { phases: [], verdict: null } });

const descriptor = openSync(join(run.path, FILES.metrics), 'w');
for (let from = 0; from < wanted; from += BLOCK) {
  let block = '';
  for (let seq = from; seq < Math.min(wanted, from + BLOCK); seq++) {
    const one = metrics[seq % metrics.length];
    // Every round through the sample is as many epochs further.
    const round = Math.floor(seq / metrics.length);
    const place = { epoch: (one?.epoch ?? 0) + 30 * round, step: (one?.step ?? 0) + 100_000 * round };
    block += `${JSON.stringify({ ...one, seq, ...place })}\n`;
  }
  writeSync(descriptor, block);
}
closeSync(descriptor);
console.log(JSON.stringify({ directory: run.path }));
