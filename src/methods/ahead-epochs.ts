import { integer } from '../schema/field.ts';

/** For how long what stands beside the student is trained alone, from frozen teachers, before the student learns from it. */
export function aheadEpochs(value: number, source: string) {
  return integer({
    doc: 'Epochs in which what stands beside the student is trained alone, in a phase of its own, before the student; then it stands still. 0: both learn side by side. Where the teacher is no finished network (peers, made images), they always do.',
    unit: 'epochs',
    default: value,
    minimum: 0,
    maximum: 100_000,
    source,
  });
}
