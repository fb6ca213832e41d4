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
