import type { ClassGapNumbers, GapNumbers, ReliabilityBin } from '../protocol/gap-report.ts';
import { Reliability } from './reliability.ts';
import { entropyOf, jsonNumber, jsOf, klOf, largestFrom, ProbabilityRow } from './rows.ts';

/** The gap on some samples, in all and by class. */
export interface Gap {
  readonly numbers: GapNumbers;
  readonly perClass: readonly ClassGapNumbers[];
  readonly reliability: {
    readonly teacher: readonly ReliabilityBin[];
    readonly student: readonly ReliabilityBin[];
  };
  /** `[samples]`, temperature 1 */
  readonly jsOfSamples: Float64Array;
}

/**
 * How far the student is from its teacher on the same samples. With p and q the softmax of the logits of teacher and student
 * divided by the temperature:
 *
 *     KL = 1/N Σₙ Σₖ p (log p − log q)                        nats
 *     JS = 1/N Σₙ (½ KL(p || m) + ½ KL(q || m)),  m = (p + q) / 2      nats, 0 to ln 2 (Lin 1991)
 *     agreement = share of samples with the same top class
 *
 * and of each the accuracy and the expected calibration error (`Reliability`). How soft the targets are, with p at the
 * temperature T and y the true class:
 *
 *     targetEntropy = 1/N Σₙ H(p) / log K      0 to 1
 *     targetOthers  = 1/N Σₙ (1 − p_y)         0 to 1
 *
 * Samples of unknown class count in all but what needs the class.
 *
 * @param teacher, student logits, `[samples, classes]` row-major
 * @param labels class of each sample
 * @param names of the classes, in order
 * @param temperature of `softened`; everything else is at 1
 */
export function measureGap(
  teacher: Float32Array,
  student: Float32Array,
  labels: ArrayLike<number>,
  names: readonly string[],
  temperature: number,
): Gap {
  const classes = names.length;
  const perClass = names.map((name) => ({
    ...{ name, count: 0, teacherRight: 0, studentRight: 0, agreed: 0, kl: 0, js: 0 },
  }));
  const [p, q] = [new ProbabilityRow(classes), new ProbabilityRow(classes)];
  const [teacherBins, studentBins] = [new Reliability(), new Reliability()];
  const jsOfSamples = new Float64Array(labels.length);
  const sums = { kl: 0, js: 0, agreed: 0, teacherRight: 0, studentRight: 0 };
  const soft = { kl: 0, js: 0, entropy: 0, others: 0, known: 0 };
  for (let n = 0; n < labels.length; n++) {
    const from = n * classes;
    const label = labels[n] ?? -1;
    p.set(teacher, from, 1);
    q.set(student, from, 1);
    const [kl, js] = [klOf(p, q), jsOf(p, q)];
    const [teacherClass, studentClass] = [
      largestFrom(teacher, from, classes),
      largestFrom(student, from, classes),
    ];
    const [teacherRight, studentRight] = [Number(teacherClass === label), Number(studentClass === label)];
    teacherBins.add(p.shares[teacherClass] ?? NaN, teacherRight === 1);
    studentBins.add(q.shares[studentClass] ?? NaN, studentRight === 1);
    p.set(teacher, from, temperature);
    q.set(student, from, temperature);
    const agreed = Number(teacherClass === studentClass);
    jsOfSamples[n] = js;
    sums.kl += kl;
    sums.js += js;
    soft.kl += klOf(p, q);
    soft.js += jsOf(p, q);
    soft.entropy += entropyOf(p);
    sums.agreed += agreed;
    sums.teacherRight += teacherRight;
    sums.studentRight += studentRight;
    const own = perClass[label];
    if (own === undefined) continue;
    soft.known += 1;
    soft.others += 1 - (p.shares[label] ?? NaN);
    own.count += 1;
    own.kl += kl;
    own.js += js;
    own.agreed += agreed;
    own.teacherRight += teacherRight;
    own.studentRight += studentRight;
  }
  const count = Math.max(1, labels.length);
  return {
    numbers: {
      kl: jsonNumber(sums.kl / count),
      js: jsonNumber(sums.js / count),
      softened: {
        temperature,
        kl: jsonNumber(soft.kl / count),
        js: jsonNumber(soft.js / count),
        targetEntropy: jsonNumber(soft.entropy / count / Math.log(classes)),
        targetOthers: jsonNumber(soft.others / soft.known),
      },
      agreement: sums.agreed / count,
      teacherAccuracy: sums.teacherRight / count,
      studentAccuracy: sums.studentRight / count,
      teacherCalibrationError: jsonNumber(teacherBins.error()),
      studentCalibrationError: jsonNumber(studentBins.error()),
    },
    perClass: perClass.map(({ name, count: own, teacherRight, studentRight, agreed, kl, js }) => ({
      name,
      count: own,
      teacherAccuracy: teacherRight / Math.max(1, own),
      studentAccuracy: studentRight / Math.max(1, own),
      kl: jsonNumber(kl / Math.max(1, own)),
      js: jsonNumber(js / Math.max(1, own)),
      agreement: agreed / Math.max(1, own),
    })),
    reliability: { teacher: teacherBins.bins(), student: studentBins.bins() },
    jsOfSamples,
  };
}
