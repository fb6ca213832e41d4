import { UserError, type Problem } from '../protocol/errors.ts';

/** Why data is refused; stable. Each has one meaning and one next step. */
export const DATA_CODES = {
  missing: 'KD3001',
  escapes: 'KD3002',
  notGzip: 'KD3003',
  wrongMagic: 'KD3004',
  truncated: 'KD3005',
  tooLong: 'KD3006',
  empty: 'KD3007',
  wrongDimensions: 'KD3008',
  tooLarge: 'KD3009',
  countMismatch: 'KD3010',
  labelOutside: 'KD3011',
  shapeMismatch: 'KD3012',
  notFinite: 'KD3013',
  classWithoutSamples: 'KD3014',
  notAFile: 'KD3015',
  unreadable: 'KD3016',
  oneClass: 'KD3017',
  noClassFolders: 'KD3020',
  unreadableImage: 'KD3021',
  imageSizes: 'KD3022',
  unknownClass: 'KD3023',
  splitEmpty: 'KD3030',
  groupOfTwoClasses: 'KD3031',
  testLeaks: 'KD3032',
  groupTable: 'KD3033',
} as const;

export function dataProblem(
  code: keyof typeof DATA_CODES,
  key: string,
  message: string,
  help: string,
): Problem {
  return { code: DATA_CODES[code], key, message, help };
}

export function dataError(
  code: keyof typeof DATA_CODES,
  key: string,
  message: string,
  help: string,
  cause?: unknown,
): UserError {
  return new UserError(dataProblem(code, key, message, help), cause === undefined ? undefined : { cause });
}
