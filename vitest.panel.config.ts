import { defineConfig } from 'vitest/config';
import { reporters, timeLimit } from './vitest.shared.ts';

/** The panel in a real browser; needs `npm run build` and a Chromium. */
export default defineConfig({
  test: {
    include: ['test/panel/**/*.test.ts'],
    testTimeout: timeLimit(120_000),
    hookTimeout: 120_000,
    fileParallelism: false,
    globalSetup: 'test/panel/support/shared.ts',
    setupFiles: 'test/support/own-working-folder.ts',
    reporters,
  },
});
