import { flagOf, numberOf, numbersOf, pairsOf } from '../attributes.ts';
import { axisSize, normalizeAxes, reducedShape, replaceAxis } from '../shape.ts';
import type { DType } from '../graph.ts';
import { firstInput, inputOf, type KernelCall, type ShapeRule } from './rule.ts';

/** The axes that a reduction removes; `Max` names them differently. */
export function reductionAxes(call: KernelCall): number[] {
  const { shape } = firstInput(call);
  const name = call.attributes.reductionIndices === undefined ? 'axis' : 'reductionIndices';
  const axes = call.attributes[name];
  return normalizeAxes(
    axes === undefined || axes === null ? null : numbersOf(call.attributes, name),
    shape.length,
  );
}

const reduction =
  (dtype: (own: DType) => DType): ShapeRule =>
  (call) => {
    const input = firstInput(call);
    return [
      {
        shape: reducedShape(input.shape, reductionAxes(call), flagOf(call.attributes, 'keepDims')),
        dtype: dtype(input.dtype),
      },
    ];
  };
const position: ShapeRule = (call) => {
  const { shape } = firstInput(call);
  return [
    {
      shape: reducedShape(shape, normalizeAxes(numberOf(call.attributes, 'axis', 0), shape.length), false),
      dtype: 'int32',
    },
  ];
};
const countable = (own: DType): DType => (own === 'bool' ? 'int32' : own);

export const reductionRules: Readonly<Record<string, ShapeRule>> = {
  Sum: reduction(countable),
  Prod: reduction(countable),
  Cumsum: (call) => [{ shape: firstInput(call).shape, dtype: countable(firstInput(call).dtype) }],
  Mean: reduction(() => 'float32'),
  Max: reduction((own) => own),
  Min: reduction((own) => own),
  All: reduction(() => 'bool'),
  Any: reduction(() => 'bool'),
  ArgMax: position,
  ArgMin: position,
  TopK: (call) => {
    const { shape, dtype } = firstInput(call);
    const kept = replaceAxis(shape, shape.length - 1, numberOf(call.attributes, 'k'));
    return [
      { shape: kept, dtype },
      { shape: kept, dtype: 'int32' },
    ];
  },
  UnsortedSegmentSum: (call) => {
    const x = inputOf(call, 'x');
    const ids = inputOf(call, 'segmentIds');
    return [
      {
        shape: [numberOf(call.attributes, 'numSegments'), ...x.shape.slice(ids.shape.length)],
        dtype: x.dtype,
      },
    ];
  },
  PadV2: (call) => padded(call),
  MirrorPad: (call) => padded(call),
};

function padded(call: KernelCall): ReturnType<ShapeRule> {
  const { shape, dtype } = firstInput(call);
  const paddings = pairsOf(call.attributes, 'paddings');
  return [
    {
      shape: shape.map(
        (_, axis) => axisSize(shape, axis) + (paddings[axis]?.[0] ?? 0) + (paddings[axis]?.[1] ?? 0),
      ),
      dtype,
    },
  ];
}
