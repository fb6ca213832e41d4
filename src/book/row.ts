import { fromHalf, toHalf } from './float16.ts';
import type { BookSettings } from './settings.ts';

/** One thing that a teacher says to a sample. */
export interface AnswerTensor {
  /** `logits`, or the path of a layer. */
  readonly name: string;
  /** Without the batch. */
  readonly shape: readonly number[];
}

/** Where a tensor lies in the row of a sample, and how it is written. */
export interface RowField extends AnswerTensor {
  readonly size: number;
  readonly offset: number;
  readonly bytes: number;
  readonly precision: BookSettings['precision'];
  /** Of logits: how many are kept; null: all. */
  readonly topK: number | null;
}

/** The row of a sample: everything that is said to it, one field after another. */
export interface RowLayout {
  readonly fields: readonly RowField[];
  readonly bytes: number;
}

const FLOAT_BYTES = 4;
const HALF_BYTES = 2;
const MOST_SHORT_INDICES = 2 ** 16;
/** Rows begin where a float may begin. */
const ALIGNMENT = 4;

/** @param settings topK counts for the tensor named `logits` alone */
export function rowLayout(
  tensors: readonly AnswerTensor[],
  { precision, topK }: Pick<BookSettings, 'precision' | 'topK'>,
): RowLayout {
  let offset = 0;
  const fields = tensors.map(({ name, shape }): RowField => {
    const size = shape.reduce((product, extent) => product * extent, 1);
    const kept = name === 'logits' && topK !== null && topK < size ? topK : null;
    const value = precision === 'float16' ? HALF_BYTES : FLOAT_BYTES;
    const bytes = kept === null ? size * value : FLOAT_BYTES + kept * (value + indexBytes(size));
    const field = { name, shape, size, offset, bytes, precision, topK: kept };
    offset = Math.ceil((offset + bytes) / ALIGNMENT) * ALIGNMENT;
    return field;
  });
  return { fields, bytes: offset };
}

function indexBytes(classes: number): number {
  return classes <= MOST_SHORT_INDICES ? HALF_BYTES : FLOAT_BYTES;
}

/** Writes the values of one field of the row that begins at `start`. */
export function writeField(view: DataView, start: number, field: RowField, values: Float32Array): void {
  if (field.topK === null) writeNumbers(view, start + field.offset, field.precision, values);
  else writeTop(view, start + field.offset, field, field.topK, values);
}

/** Reads what `writeField` wrote into `out` from `at` on. */
export function readField(view: DataView, start: number, field: RowField, out: Float32Array, at = 0): void {
  const from = start + field.offset;
  if (field.topK !== null) readTop(view, from, field, field.topK, out, at);
  else readNumbers(view, from, field.precision, field.size, out, at);
}

function writeNumbers(
  view: DataView,
  at: number,
  precision: RowField['precision'],
  values: ArrayLike<number>,
): void {
  const whole = precision === 'float32' ? floatsAt(view, at, values.length) : null;
  if (whole !== null) {
    whole.set(values);
    return;
  }
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    if (precision === 'float16') view.setUint16(at + HALF_BYTES * i, toHalf(value), true);
    else view.setFloat32(at + FLOAT_BYTES * i, value, true);
  }
}

function readNumbers(
  view: DataView,
  from: number,
  precision: RowField['precision'],
  count: number,
  out: Float32Array,
  at: number,
): void {
  if (precision === 'float16') {
    for (let i = 0; i < count; i++) out[at + i] = fromHalf(view.getUint16(from + HALF_BYTES * i, true));
    return;
  }
  const whole = floatsAt(view, from, count);
  if (whole !== null) out.set(whole, at);
  else for (let i = 0; i < count; i++) out[at + i] = view.getFloat32(from + FLOAT_BYTES * i, true);
}

const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** The bytes as numbers, where this machine keeps them so. */
function floatsAt(view: DataView, from: number, count: number): Float32Array<ArrayBuffer> | null {
  const at = view.byteOffset + from;
  return LITTLE_ENDIAN && at % FLOAT_BYTES === 0 && view.buffer instanceof ArrayBuffer
    ? new Float32Array(view.buffer, at, count)
    : null;
}

/**
 * The `k` largest logits with their classes, and of all others r = log Σ exp z. Read back, each of the others gets
 * r − log(K − k): the probability of the rest at temperature 1 is what it was, spread evenly.
 */
function writeTop(view: DataView, at: number, field: RowField, k: number, logits: Float32Array): void {
  const order = Array.from(logits.keys()).sort((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0) || a - b);
  const top = order.slice(0, k);
  view.setFloat32(at, logSumExp(order.slice(k).map((index) => logits[index] ?? 0)), true);
  const values = at + FLOAT_BYTES;
  writeNumbers(
    view,
    values,
    field.precision,
    top.map((index) => logits[index] ?? 0),
  );
  const indices = values + k * (field.precision === 'float16' ? HALF_BYTES : FLOAT_BYTES);
  top.forEach((index, i) => {
    if (indexBytes(field.size) === HALF_BYTES) view.setUint16(indices + HALF_BYTES * i, index, true);
    else view.setUint32(indices + FLOAT_BYTES * i, index, true);
  });
}

function readTop(
  view: DataView,
  from: number,
  field: RowField,
  k: number,
  out: Float32Array,
  at: number,
): void {
  const rest = view.getFloat32(from, true) - Math.log(field.size - k);
  out.fill(rest, at, at + field.size);
  const top = new Float32Array(k);
  readNumbers(view, from + FLOAT_BYTES, field.precision, k, top, 0);
  const indices = from + FLOAT_BYTES + k * (field.precision === 'float16' ? HALF_BYTES : FLOAT_BYTES);
  for (let i = 0; i < k; i++) {
    const index =
      indexBytes(field.size) === HALF_BYTES
        ? view.getUint16(indices + HALF_BYTES * i, true)
        : view.getUint32(indices + FLOAT_BYTES * i, true);
    // A class that does not exist can only come from damage, which checksums find first.
    if (index < field.size) out[at + index] = top[i] ?? 0;
  }
}

function logSumExp(values: readonly number[]): number {
  const largest = Math.max(...values);
  return largest + Math.log(values.reduce((sum, value) => sum + Math.exp(value - largest), 0));
}
