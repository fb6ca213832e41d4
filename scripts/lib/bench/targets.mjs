/** Largest good values by executor: ours over the fastest peer's. */
export const TARGETS = {
  step: { onnx: 1.3, tensorflow: 1.3 },
  stepGeometricMean: { onnx: 1, tensorflow: 1.1 },
  epochFromBook: { onnx: 0.6, tensorflow: 0.65 },
  epochLive: { onnx: 1, tensorflow: 1.1 },
  inference: { onnx: 1, tensorflow: 1 },
  busy: { onnx: 1, tensorflow: 1 },
  firstStep: { onnx: 0.3, tensorflow: 0.3 },
  memory: { onnx: 0.35, tensorflow: 0.5 },
  size: { onnx: 0.05, tensorflow: 0.4 },
};

/** Share of the steps that may be spent waiting for rows of a book, in per cent. */
export const WAITING_PERCENT = 5;

/** Share of a training at its defaults that measuring the gap and the similarity of layers may take, in per cent. */
export const MEASURES_PERCENT = 3;

/** Milliseconds that compiling one graph of ResNet-20 may take. */
export const COMPILE_MS = 1000;

/** Of the panel, in a real browser. A frame of 16.7 ms makes 60 a second. */
export const PANEL = { recordMs: 250, openMs: 1500, frameMs: 16.7, megabytes: 150, kilobytes: 400 };

/** Time and memory grow like the work to this power at most. */
export const GROWTH = 1;
