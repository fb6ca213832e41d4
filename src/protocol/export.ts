import type { Problem } from './errors.ts';

/** How far an exported model is from the one that was trained, over the validation split. */
export interface ParityReport {
  readonly samples: number;
  /** Of all logits of all samples, absolute. */
  readonly largestDifference: number;
  /** The largest logit, to judge the difference by. */
  readonly largestOutput: number;
  /** Of the exported model, 0..1. */
  readonly accuracy: number;
  /** Exported less trained. */
  readonly accuracyDifference: number;
  readonly runtime: string;
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
