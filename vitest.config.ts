import { defineConfig } from 'vitest/config';
import { bundledTensors, reporters, timeLimit } from './vitest.shared.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/vscode/**', 'test/tensorflow/**', 'test/panel/**', 'test/package/**', 'node_modules/**'],
    testTimeout: timeLimit(120_000),
    hookTimeout: 120_000,
    maxWorkers: 2,
    setupFiles: 'test/support/own-working-folder.ts',
    reporters,
    deps: bundledTensors,
  },
});
