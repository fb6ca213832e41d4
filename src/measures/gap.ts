import type { GapRecord } from '../protocol/records.ts';
import { divergence, jsonNumber, largest } from './rows.ts';

export type Gap = Omit<GapRecord, 'phase' | 'seed' | 'epoch'>;

/**
 * How far the student is from its teacher on the same samples.
 *
 *     KL = 1/N Σₙ Σₖ p_t (log p_t − log p_s)      nats, temperature 1
 *     agreement = share of samples with the same top class
 *
 * @param teacher, student logits, `[samples, classes]` row-major
 * @param labels class of each sample
 * @param names of the classes, in order
 */
export function measureGap(
  teacher: Float32Array,
  student: Float32Array,
  labels: ArrayLike<number>,
  names: readonly string[],
): Gap {
  const classes = names.length;
  const perClass = names.map((name) => ({ name, count: 0, teacherRight: 0, studentRight: 0, kl: 0 }));
  let kl = 0;
  let agreed = 0;
  for (let n = 0; n < labels.length; n++) {
    const [t, s] = [teacher, student].map((logits) => logits.subarray(n * classes, (n + 1) * classes));
    if (t === undefined || s === undefined) continue;
    const distance = divergence(t, s);
    const [teacherClass, studentClass] = [largest(t), largest(s)];
    const label = labels[n] ?? -1;
    const own = perClass[label];
    kl += distance;
    if (teacherClass === studentClass) agreed++;
    if (own === undefined) continue;
    own.count++;
    own.kl += distance;
    if (teacherClass === label) own.teacherRight++;
    if (studentClass === label) own.studentRight++;
  }
  const total = (key: 'teacherRight' | 'studentRight') => perClass.reduce((sum, one) => sum + one[key], 0);
  const count = Math.max(1, labels.length);
  return {
    kl: jsonNumber(kl / count),
    agreement: agreed / count,
    teacherAccuracy: total('teacherRight') / count,
    studentAccuracy: total('studentRight') / count,
    perClass: perClass.map(({ name, count: own, teacherRight, studentRight, kl: sum }) => ({
      name,
      count: own,
      teacherAccuracy: teacherRight / Math.max(1, own),
      studentAccuracy: studentRight / Math.max(1, own),
      kl: jsonNumber(sum / Math.max(1, own)),
    })),
  };
}
