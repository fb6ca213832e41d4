import { defineConfig } from 'vitest/config';
import { bundledTensors, KERNELS, reporters, timeLimit } from './vitest.shared.ts';

/** Everything that needs no other program; and the properties of all kernels once more on the last rung of the ladder. */
const shared = {
  testTimeout: timeLimit(120_000),
  hookTimeout: 120_000,
  setupFiles: 'test/support/own-working-folder.ts',
  deps: bundledTensors,
};

export default defineConfig({
  test: {
    maxWorkers: 2,
    reporters,
    projects: [
      {
        test: {
          ...shared,
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [
            'test/vscode/**',
            'test/tensorflow/**',
            'test/panel/**',
            'test/package/**',
            'node_modules/**',
          ],
        },
      },
      {
        test: {
          ...shared,
          name: 'eager',
          include: KERNELS,
          env: { KD_TEST_EAGER: '1', KD_TEST_SHARE: '0.5' },
        },
      },
    ],
  },
});
