const LARGEST = 65504;
const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The bits of the nearest half-precision number (IEEE 754 binary16), ties to even; what is too large becomes the largest, ±65504. */
export function toHalf(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  float[0] = Math.max(-LARGEST, Math.min(LARGEST, value));
  const word = bits[0] ?? 0;
  const sign = (word >>> 16) & 0x8000;
  const exponent = ((word >>> 23) & 0xff) - 127;
  const fraction = word & 0x7fffff;
  if (exponent < -25) return sign;
  // Below 2^-14 the leading 1 is written out and the whole is shifted.
  const shift = exponent < -14 ? -exponent - 1 : 13;
  const whole = exponent < -14 ? fraction | 0x800000 : ((exponent + 15) << 23) | fraction;
  const kept = whole >>> shift;
  const lost = whole & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  const up = lost > half || (lost === half && (kept & 1) === 1) ? 1 : 0;
  return sign | (kept + up);
}

let numbers: Float32Array | undefined;

/** The number that 16 bits stand for. */
export function fromHalf(half: number): number {
  numbers ??= Float32Array.from({ length: 2 ** 16 }, (_, word) => numberOf(word));
  return numbers[half] ?? NaN;
}

function numberOf(half: number): number {
  const sign = (half & 0x8000) === 0 ? 1 : -1;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
