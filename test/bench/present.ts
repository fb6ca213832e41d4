import { trace } from '../../src/compiler/trace.ts';
import { EXECUTORS, executorNamed, tensorFlowPackages } from './executors.ts';

/** Prints which executors can be measured here, why the others cannot, and where TensorFlow's package lies. */
const probe = trace('probe', (ops, { x }) => ({ y: ops.neg(x as never) }), {
  x: { shape: [1], dtype: 'float32', role: 'batch' },
});
const present: { name: string; description: string }[] = [];
const missing: { name: string; why: string }[] = [];
for (const name of EXECUTORS) {
  try {
    const executor = await executorNamed(name, false);
    // Some know their version only once they have loaded something.
    await (await executor.load({ probe }, {})).dispose();
    present.push({ name, description: executor.description });
  } catch (error) {
    missing.push({ name, why: error instanceof Error ? error.message : String(error) });
  }
}
const [found] = tensorFlowPackages();
const packages = found?.path.replace(/(.*[\\/]node_modules)[\\/].*/, '$1') ?? null;
console.log(JSON.stringify({ present, missing, packages }));
