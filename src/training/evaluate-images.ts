import type { ImageLoss } from '../config/experiment.ts';
import type { Dataset } from '../data/dataset.ts';
import { peakRatio, ReconstructionMeter } from '../measures/reconstruction.ts';
import type { Split } from '../protocol/records.ts';
import { inOrder } from './data.ts';
import { imageDistance } from './image-loss.ts';

/** Samples that are looked at at once. */
const AT_ONCE = 64;

/** What is recorded of the images that answer a split. */
interface ImageValues extends Readonly<Record<string, number>> {
  readonly psnr: number;
  readonly ssim: number;
  /** Of the poor images themselves. */
  readonly inputPsnr: number;
  /** As training has it, in the units of normalised values. */
  readonly 'loss/image': number;
}

/**
 * Images against those that they should be, in the values of the data: pixels as they were before they were normalised, of which
 * black is 0.
 * @param answers `[samples, height · width · channels]`, normalised
 */
export function measureImages(
  answers: Float32Array,
  dataset: Dataset,
  split: Split,
  loss: ImageLoss,
): ImageValues {
  const { shape } = dataset;
  const meter = new ReconstructionMeter(shape);
  const size = shape[0] * shape[1] * shape[2];
  let [distance, poor] = [0, 0];
  for (const { inputs, targets, indices, count } of inOrder(dataset, split, AT_ONCE)) {
    const from = (indices[0] ?? 0) * size;
    const own = answers.subarray(from, from + count * size);
    const wanted = (targets ?? inputs).subarray(0, count * size);
    distance += imageDistance(own, wanted, loss) * count;
    const truth = asPixels(wanted, dataset);
    meter.add(asPixels(own, dataset), truth);
    const before = asPixels(inputs.subarray(0, count * size), dataset);
    for (let at = 0; at < truth.length; at += size)
      poor += peakRatio(before.subarray(at, at + size), truth.subarray(at, at + size));
  }
  const samples = dataset.splits[split].count;
  return {
    ...meter.means(),
    inputPsnr: poor / samples,
    'loss/image': distance / samples,
  };
}

/** x = σ_c x′ + μ_c */
function asPixels(values: Float32Array, { shape, normalization }: Dataset): Float64Array {
  const channels = shape[2];
  const { mean, deviation } = normalization;
  return Float64Array.from(values, (value, at) => {
    const c = at % channels;
    return value * (deviation[c] ?? 1) + (mean[c] ?? 0);
  });
}
