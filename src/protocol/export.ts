import type { Problem } from './errors.ts';

/** How far an exported model is from the one that was trained, over the validation split. */
export interface ParityReport {
  readonly samples: number;
  /** Of all logits of all samples, absolute. */
  readonly largestDifference: number;
  /** The largest logit, to judge the difference by. */
  readonly largestOutput: number;
  /** Of the exported model, 0..1; null where it answers with images. */
  readonly accuracy: number | null;
  /** Exported less trained. */
  readonly accuracyDifference: number | null;
  /** The same of a model that answers with images, in dB. */
  readonly psnr?: number;
  readonly psnrDifference?: number;
  readonly runtime: string;
}

/** How well an exported model answers, in words: `accuracy 97.31 %, difference 0.00 points`. */
export function parityText({ accuracy, accuracyDifference, psnr, psnrDifference }: ParityReport): string {
  if (accuracy !== null && accuracyDifference !== null)
    return `accuracy ${(accuracy * 100).toFixed(2)} %, difference ${(accuracyDifference * 100).toFixed(2)} points`;
  return `PSNR ${(psnr ?? NaN).toFixed(2)} dB, difference ${(psnrDifference ?? NaN).toFixed(2)} dB`;
}

/** `kd export --json` */
export interface ExportReport {
  readonly run: string;
  readonly model: string;
  readonly format: 'onnx' | 'safetensors';
  readonly file: string;
  /** The model card. */
  readonly card: string;
  /** Null where nothing is computed (weights alone), or there is no validation split. */
  readonly parity: ParityReport | null;
  /** Of a model that has not finished training: the epoch after which it did best on validation so far, zero-based. */
  readonly bestEpoch?: number;
  /** Newer best weights that are damaged and were passed over. */
  readonly problems?: readonly Problem[];
}
