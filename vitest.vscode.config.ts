import { defineConfig } from 'vitest/config';
import { reporters, timeLimit } from './vitest.shared.ts';

/** The packaged extension in a real VS Code; needs `npm run package`. Prepares that VS Code on first use. */
export default defineConfig({
  test: {
    include: ['test/vscode/**/*.test.ts'],
    testTimeout: timeLimit(900_000),
    hookTimeout: 300_000,
    fileParallelism: false,
    setupFiles: 'test/support/own-working-folder.ts',
    reporters,
  },
});
