import type { ReliabilityBin } from '../protocol/gap-report.ts';

/** Bins of confidence in which calibration is looked at: 15, as Guo et al. 2017 and most since. */
const CALIBRATION_BINS = 15;

/**
 * How often a classifier is right when it says how sure it is. A confidence is the largest probability; one of exactly
 * b / bins belongs to the bin below, as in the paper: ((b − 1) / bins, b / bins]. What is no number falls into no bin.
 * Source: Guo et al. 2017, equations 2 and 3.
 */
export class Reliability {
  readonly #bins = Array.from({ length: CALIBRATION_BINS }, () => ({ count: 0, right: 0, confidence: 0 }));
  #samples = 0;

  add(confidence: number, isRight: boolean): void {
    this.#samples += 1;
    const bin = this.#bins[Math.max(0, Math.ceil(confidence * CALIBRATION_BINS) - 1)];
    if (bin === undefined) return;
    bin.count += 1;
    bin.confidence += confidence;
    if (isRight) bin.right += 1;
  }

  /**
   * Expected calibration error, 0..1, over the bins B:
   *
   *     ECE = Σ_b |B_b| / N · |accuracy(B_b) − confidence(B_b)| = 1/N Σ_b |right_b − Σ confidences_b|
   *
   * Answers that are no numbers are no calibrated ones: NaN.
   */
  error(): number {
    if (this.#bins.reduce((sum, { count }) => sum + count, 0) !== this.#samples) return NaN;
    const apart = this.#bins.reduce((sum, { right, confidence }) => sum + Math.abs(right - confidence), 0);
    return apart / this.#samples;
  }

  bins(): readonly ReliabilityBin[] {
    return this.#bins.map(({ count, right, confidence }) => ({
      count,
      confidence: count === 0 ? null : confidence / count,
      accuracy: count === 0 ? null : right / count,
    }));
  }
}
