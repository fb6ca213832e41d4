/** Set by `npm run test:soak`. */
export const IS_SOAK = process.env['KD_SOAK'] === '1';

/**
 * How many cases a test goes through: a fixed slice in `npm test`, the full count in `npm run test:soak`. The slice is the
 * first of the full count: what is drawn must depend on seed and number alone.
 */
export function counts({ test, soak }: { readonly test: number; readonly soak: number }): number {
  return IS_SOAK ? soak : test;
}
