import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { leavePhase, readyPhase, setupOf, wholeBook } from './epochs.ts';
import { executorNamed } from './executors.ts';

/** Writes the book of a workload anew, for others to read. */
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { executor: { type: 'string', default: 'onnx' } },
});
const [folder = ''] = positionals;
rmSync(join(folder, '.kd'), { recursive: true, force: true });
const setup = setupOf(folder, await executorNamed(options.executor, false), { book: wholeBook(1) });
const ready = await readyPhase(setup);
await leavePhase(ready);
console.log(JSON.stringify({ milliseconds: ready.teachingMilliseconds }));
