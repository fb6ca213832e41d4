import { defineConfig } from 'vitest/config';
import { tensorFlowFolder } from './scripts/lib/real-tensorflow.mjs';
import { bundledTensors, KERNELS, reporters, timeLimit } from './vitest.shared.ts';

/**
 * The official TensorFlow packages for real: their own tests, and the properties of all kernels once more on them. The GPU package
 * computes on the processor where there is no graphics card, so it gets a smaller share. `npm test` prepares the packages.
 */
export default defineConfig({
  test: {
    testTimeout: timeLimit(300_000),
    hookTimeout: 120_000,
    maxWorkers: 2,
    reporters,
    projects: (
      [
        ['cpu', '0.5'],
        ['gpu', '0.2'],
        // Its library is prepared for a soak alone.
        ...(process.env['KD_SOAK'] === '1' ? [['current', '0.2'] as const] : []),
      ] as const
    ).map(([kind, share]) => ({
      test: {
        name: kind,
        include: ['test/tensorflow/**/*.test.ts', ...KERNELS, 'test/compiler/step.test.ts'],
        testTimeout: timeLimit(300_000),
        setupFiles: 'test/support/own-working-folder.ts',
        env: { KD_TEST_TENSORFLOW: tensorFlowFolder(kind), KD_TEST_SHARE: share },
        deps: bundledTensors,
      },
    })),
  },
});
