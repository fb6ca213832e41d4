import { defineConfig } from 'vitest/config';
import { reporters, timeLimit } from './vitest.shared.ts';

/** What was built and packaged: bundles, the content of the VSIX. Needs `npm run package`. */
export default defineConfig({
  test: {
    include: ['test/package/**/*.test.ts'],
    testTimeout: timeLimit(120_000),
    hookTimeout: 120_000,
    fileParallelism: false,
    setupFiles: 'test/support/own-working-folder.ts',
    reporters,
  },
});
