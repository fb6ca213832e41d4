import { parseArgs } from 'node:util';
import { trace } from '../../src/compiler/trace.ts';
import { normal, randomStream } from '../../src/random/random.ts';
import { executorNamed } from './executors.ts';

const SIDE = 2048;
const WARM_UP = 3;
const PRODUCTS = 12;

/** Prints how many multiply-adds a second a plain matrix product reaches at its best, through the runtime of an executor. */
const { values: options } = parseArgs({ options: { executor: { type: 'string', default: 'onnx' } } });
const spec = (name: string) => [name, { shape: [SIDE, SIDE], dtype: 'float32', role: 'batch' }] as const;
const product = trace(
  'product',
  (ops, { a, b }) => ({ c: ops.max(ops.matMul(a as never, b as never)) }),
  Object.fromEntries([spec('a'), spec('b')]),
);
const executor = await executorNamed(options.executor, false);
const program = await executor.load({ product }, {});
const matrix = (name: string) => normal(randomStream(1, name), 0, new Float32Array(SIDE * SIDE));
const feeds = { a: matrix('a'), b: matrix('b') };
let best = Infinity;
for (let index = 0; index < WARM_UP + PRODUCTS; index++) {
  const before = performance.now();
  await program.run('product', feeds);
  if (index >= WARM_UP) best = Math.min(best, performance.now() - before);
}
await program.dispose();
console.log(JSON.stringify({ multiplyAddsPerSecond: SIDE ** 3 / (best / 1000) }));
