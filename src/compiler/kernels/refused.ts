const COMPLEX =
  'a step has no complex numbers; write a Fourier transform as two products with the real and the imaginary part of its matrix';
const VALUES = 'the shape of its result depends on values, which a compiled step does not know';
const TEXT = 'a step has no texts; turn them into numbers in the data';
const VOLUMES = 'only maps of one and two dimensions are compiled';
const MORPHOLOGY = 'grey-scale morphology is not compiled; take maxPool of the shifted maps';
const PIXELS = 'it reads or draws pixels of a browser; images come from the data';
const NO_OPERATION = 'no operation of TensorFlow.js calls it';

/** Kernels that no step may contain, each with the reason that the message and the diagnosis show. */
export const REFUSED_KERNELS: Readonly<Record<string, string>> = {
  AvgPool3D: VOLUMES,
  AvgPool3DGrad: VOLUMES,
  BroadcastArgs: VALUES,
  Complex: COMPLEX,
  ComplexAbs: COMPLEX,
  Conv3D: VOLUMES,
  Conv3DBackpropFilterV2: VOLUMES,
  Conv3DBackpropInputV2: VOLUMES,
  Dilation2D: MORPHOLOGY,
  Dilation2DBackpropFilter: MORPHOLOGY,
  Dilation2DBackpropInput: MORPHOLOGY,
  Draw: PIXELS,
  FFT: COMPLEX,
  FromPixels: PIXELS,
  IFFT: COMPLEX,
  Imag: COMPLEX,
  LogicalXor: NO_OPERATION,
  LogSoftmax: NO_OPERATION,
  LowerBound: NO_OPERATION,
  MatrixBandPart: NO_OPERATION,
  MaxPool3D: VOLUMES,
  MaxPool3DGrad: VOLUMES,
  Multinomial: 'random numbers are inputs of a step: declare one and use it in place of the draw',
  NonMaxSuppressionV3: VALUES,
  NonMaxSuppressionV4: VALUES,
  NonMaxSuppressionV5: VALUES,
  Pool: NO_OPERATION,
  RaggedGather: VALUES,
  RaggedRange: VALUES,
  RaggedTensorToTensor: VALUES,
  Real: COMPLEX,
  SparseFillEmptyRows: VALUES,
  SparseReshape: VALUES,
  SparseSegmentMean: VALUES,
  SparseSegmentSum: VALUES,
  StaticRegexReplace: TEXT,
  StringNGrams: TEXT,
  StringSplit: TEXT,
  StringToHashBucketFast: TEXT,
  Unique: VALUES,
  UpperBound: NO_OPERATION,
};
