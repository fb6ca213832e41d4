import type { Metric, Patience } from '../config/experiment.ts';
import { jsonNumber } from '../measures/rows.ts';
import type { JsonNumber } from '../protocol/records.ts';
import type { ImageMetric } from '../schema/scheduled.ts';

/** What the first learner reached on validation, epoch by epoch. Plain JSON: checkpoints hold it. */
export type ValidationHistory = readonly Metrics[];

type Metrics = Readonly<Record<Exclude<Metric, ImageMetric>, JsonNumber>> &
  Readonly<Partial<Record<ImageMetric, JsonNumber>>>;

/** The metrics among the values of a validation record; NaN where one is missing, those of images only where they are. */
export function metricsOf(values: Readonly<Record<string, number>>): Metrics {
  const value = (name: string) => jsonNumber(values[name] ?? NaN);
  return {
    accuracy: value('accuracy'),
    top5Accuracy: value('top5Accuracy'),
    balancedAccuracy: value('balancedAccuracy'),
    macroF1: value('macroF1'),
    quadraticKappa: value('quadraticKappa'),
    crossEntropy: value('loss/ce'),
    loss: value('loss'),
    ...(values['psnr'] === undefined ? {} : { psnr: value('psnr'), ssim: value('ssim') }),
  };
}

/** Larger is better, but of losses. */
function isLoss(metric: Metric): boolean {
  return metric === 'loss' || metric === 'crossEntropy';
}

/** A metric as a number of which larger is better; what is not a number is worst. */
export function scoreOf(metric: Metric, value: number): number {
  if (Number.isNaN(value)) return -Infinity;
  return isLoss(metric) ? -value : value;
}

/**
 * How often patience has run out: an epoch improves where it is better than the best before by more than `minimumGain`;
 * `patience` epochs in a row may fail to, the next one counts, and patience begins anew. That is PyTorch's
 * `ReduceLROnPlateau` with an absolute threshold. A function of the history alone, so a resumed run sees the same.
 */
export function timesStalled(history: ValidationHistory, { by, patience, minimumGain }: Patience): number {
  let best = -Infinity;
  let failed = 0;
  let times = 0;
  for (const values of history) {
    const score = scoreOf(by, Number(values[by] ?? NaN));
    if (score > best + minimumGain || (best === -Infinity && score > best)) {
      best = score;
      failed = 0;
    } else if (++failed > patience) {
      times++;
      failed = 0;
    }
  }
  return times;
}
