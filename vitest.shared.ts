import type { InlineConfig } from 'vitest/node';

/** Reporters of every part: the usual one for people, and the tally that `npm test` sums up. */
export const reporters: NonNullable<InlineConfig['reporters']> = [
  'default',
  ...(process.env['KD_TEST_TALLY'] === undefined
    ? []
    : [
        ['./scripts/lib/tally-reporter.mjs', { file: process.env['KD_TEST_TALLY'] }] as [
          string,
          Record<string, unknown>,
        ],
      ]),
];

const SOAK_FACTOR = 30;

/** The longest a case may take, in milliseconds; `npm run test:soak` gives its full counts more. */
export function timeLimit(milliseconds: number): number {
  return process.env['KD_SOAK'] === '1' ? milliseconds * SOAK_FACTOR : milliseconds;
}

/** TensorFlow.js bundled once and cached: 0.1 s a test file, where its hundreds of modules take 7. */
export const bundledTensors: NonNullable<InlineConfig['deps']> = {
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
};

/** The properties of all kernels, on the executor that the environment names. */
export const KERNELS = [
  'arithmetic',
  'convolutions',
  'functions',
  'gathers',
  'maps',
  'products',
  'reductions',
  'views',
].map((name) => `test/compiler/${name}.test.ts`);
