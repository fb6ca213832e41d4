import { defineConfig } from 'vitest/config';
import { reporters } from './vitest.shared.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/vscode/**', 'test/panel/**', 'test/package/**', 'node_modules/**'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    reporters,
    // TensorFlow.js bundled once and cached: 0.1 s a test file, where its hundreds of modules take 7.
    deps: {
      optimizer: {
        ssr: {
          enabled: true,
          // The WebAssembly backend is CommonJS inside and asks for its folder; its modules are found by their path.
          rolldownOptions: { transform: { define: { __dirname: '"."' } } },
          include: [
            '@tensorflow/tfjs-core',
            '@tensorflow/tfjs-core/dist/register_all_gradients',
            '@tensorflow/tfjs-backend-cpu',
            '@tensorflow/tfjs-backend-wasm',
          ],
        },
      },
    },
  },
});
