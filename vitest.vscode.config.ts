import { defineConfig } from 'vitest/config';
import { reporters } from './vitest.shared.ts';

/** The packaged extension in a real VS Code; needs `npm run package`. Prepares that VS Code on first use. */
export default defineConfig({
  test: {
    include: ['test/vscode/**/*.test.ts'],
    testTimeout: 900_000,
    hookTimeout: 300_000,
    fileParallelism: false,
    reporters,
  },
});
