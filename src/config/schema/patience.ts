import type { Metric } from '../experiment.ts';
import { choice, integer, number } from '../../schema/field.ts';
import { MEASURABLE } from './metrics.ts';

const METRICS: Readonly<Record<Metric, string>> = {
  accuracy: 'Share of samples whose class is named.',
  top5Accuracy: MEASURABLE.top5Accuracy,
  balancedAccuracy: MEASURABLE.balancedAccuracy,
  macroF1: MEASURABLE.macroF1,
  quadraticKappa: MEASURABLE.quadraticKappa,
  crossEntropy: 'Mean cross-entropy with the hard labels; smaller is better.',
  psnr: 'Of reconstructed images: mean peak signal-to-noise ratio in dB, by the largest value of each true image.',
  ssim: 'Of reconstructed images: mean structural similarity (Wang et al. 2004), windows of 7x7.',
  loss: 'The whole loss of the phase, terms and weights included; smaller is better.',
};

/** A metric of the validation split, by name. */
export function metricChoice<O extends { doc: string; optional?: boolean; default?: Metric }>(options: O) {
  return choice<Metric, O>(METRICS, options);
}

/** When a metric of the validation split counts as no longer improving. */
export function patienceFields(patience: number, source: string) {
  return {
    by: metricChoice({ doc: 'What is watched on the validation split.', default: 'crossEntropy' }),
    patience: integer({
      doc: 'Epochs in a row that may pass without improvement; the next one counts.',
      unit: 'epochs',
      minimum: 0,
      maximum: 100_000,
      default: patience,
      source,
    }),
    minimumGain: number({
      doc: "What an improvement must exceed, in the metric's own unit.",
      minimum: 0,
      maximum: 1e9,
      default: 0,
    }),
  };
}
