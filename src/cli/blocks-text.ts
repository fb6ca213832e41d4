import type { ProbedBlocks } from '../protocol/records.ts';

/** What the fast form of convolutions can use here. */
export function blocksText({ size, reason, faults }: ProbedBlocks): string {
  const list = faults.map(({ kernel, reason: why }) => `${kernel} (${why})`).join(', ');
  const found = list === '' ? 'every internal kernel was tried and is right' : `missing or wrong: ${list}`;
  if (size === null)
    return `convolutions are written plainly: ${reason ?? ''}${list === '' ? '' : `; ${found}`}`;
  return `convolutions are written on blocks of ${size} channels; ${found}`;
}
