import type { OnnxBuilder } from '../builder.ts';
import { float } from '../model.ts';

/** Slope of the hard sigmoid that tells zero from every positive number, but those below 3e-39, which lack precision anyway. */
const STEEP = 3.4e38;

/** 1 where a map that is nowhere negative is above zero, 0 elsewhere: one pass, where a comparison and a cast are two. */
export function aboveZero(onnx: OnnxBuilder, map: string): string {
  return onnx.op('HardSigmoid', [map], { alpha: float(STEEP), beta: float(0) });
}

/** 1 where a map that is nowhere negative is zero, 0 elsewhere. */
export function isZero(onnx: OnnxBuilder, map: string): string {
  return onnx.op('HardSigmoid', [map], { alpha: float(-STEEP), beta: float(1) });
}
