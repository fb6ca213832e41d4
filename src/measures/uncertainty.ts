import { measureClassification } from './classification.ts';
import { logSoftmaxRow } from './rows.ts';

/** What the answers of several passes to one split say of what is not known, and whether that is true. */
export interface UncertaintyMeasures {
  /** Of the mean answer p̄. */
  readonly accuracy: number;
  /** ECE of the mean answer. */
  readonly calibrationError: number;
  /** Mean of −log p̄ᵧ, in nats. */
  readonly crossEntropy: number;
  /** Share of samples whose label is in the prediction set: as near to its level as it should be. */
  readonly coverage: number;
  /** Mean number of classes in a prediction set. */
  readonly setSize: number;
  /** U = H(p̄), mean over samples, in nats. */
  readonly total: number;
  /** A = mean H of the passes: how ambiguous the samples are. */
  readonly aleatoric: number;
  /** E = U − A: what the passes do not agree on. */
  readonly epistemic: number;
}

/**
 * Coverage, calibration and uncertainties of mean answers. The prediction set of a sample holds its likeliest classes, as few as
 * have together at least the probability `level`.
 *
 * @param passes `[samples, passes, classes]` logits, row-major
 * @param labels `[samples]`
 * @param level of the prediction sets, 0..1
 */
export function measureUncertainty(
  passes: Float32Array,
  labels: ArrayLike<number>,
  classes: number,
  level: number,
): UncertaintyMeasures {
  const count = labels.length;
  const each = passes.length / Math.max(1, count * classes);
  const logs = new Float32Array(count * classes);
  let [total, aleatoric, covered, sizes] = [0, 0, 0, 0];
  for (let n = 0; n < count; n++) {
    const mean = new Float64Array(classes);
    for (let pass = 0; pass < each; pass++) {
      const at = (n * each + pass) * classes;
      const row = logSoftmaxRow(passes.subarray(at, at + classes));
      row.forEach((log, k) => {
        mean[k] = (mean[k] ?? 0) + Math.exp(log) / each;
        aleatoric -= (Math.exp(log) * log) / each;
      });
    }
    mean.forEach((p, k) => {
      if (p > 0) total -= p * Math.log(p);
      logs[n * classes + k] = Math.log(Math.max(p, Number.MIN_VALUE));
    });
    const set = predictionSet(mean, level);
    sizes += set.length;
    if (set.includes(labels[n] ?? -1)) covered++;
  }
  const { accuracy, calibrationError, crossEntropy } = measureClassification(logs, labels, classes);
  return {
    ...{ accuracy, calibrationError, crossEntropy },
    coverage: covered / count,
    setSize: sizes / count,
    total: total / count,
    aleatoric: aleatoric / count,
    epistemic: Math.max(0, (total - aleatoric) / count),
  };
}

/** The likeliest classes, as few as reach the level; the first of equals. */
function predictionSet(probabilities: Float64Array, level: number): readonly number[] {
  const order = Array.from(probabilities, (_, k) => k).sort(
    (a, b) => (probabilities[b] ?? 0) - (probabilities[a] ?? 0) || a - b,
  );
  let mass = 0;
  const size = order.findIndex((k) => (mass += probabilities[k] ?? 0) >= level);
  return size === -1 ? order : order.slice(0, size + 1);
}
