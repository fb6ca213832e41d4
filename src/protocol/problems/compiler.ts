import { entry, type ProblemEntries } from './entry.ts';

/** Tracing, lowering and running a training step. */
export const COMPILER_PROBLEMS: ProblemEntries = {
  KD6001: entry(
    'A value was read while a step was traced',
    'A step is compiled before it runs, so its tensors have no values yet. The message names the line.',
    'Use tensor operations (`where`, `maximum`, ...) in place of conditions, and return what is to be read.',
  ),
  KD6002: entry(
    'A type of tensor that a step cannot have',
    'Steps know float32, int32 and bool.',
    'Convert the tensor before it enters the step.',
  ),
  KD6003: entry(
    'An operation cannot be compiled',
    'The message names it and the line. The step runs on the eager executor instead, visibly and much slower.',
    'Express it by other operations, or accept the eager executor.',
  ),
  KD6004: entry(
    'A random draw within a step',
    'It would be the same in every step, and lost on resume.',
    'Declare a draw as an input of the step and use that.',
  ),
  KD6005: entry(
    'An operation refused its arguments',
    'Tensors do not fit together. The message names the line.',
    'Compare the shapes that meet there.',
  ),
  KD6006: entry(
    'An output of a step does not fit',
    'It is no tensor, or the new value of a state with another shape or type.',
    'Return tensors only, and keep the shape and type of state.',
  ),
  KD6007: entry(
    'A variable is no input of the step',
    'Its value would be fixed in the graph, the same in every step.',
    'Declare it as state of the step, and return its new value.',
  ),
  KD6010: entry(
    'Values do not fit the compiled step',
    'A state or an input has another size, or is missing.',
    'Check that checkpoint and data come from the same config.',
  ),
  KD6011: entry(
    'A step failed on the eager executor',
    'TensorFlow.js refused an operation or ran out of memory.',
    'Try a smaller batch; if it fails again, report the message with the config.',
  ),
  KD6020: entry(
    'An operation cannot run on ONNX Runtime',
    'It was traced, but has no form there for these shapes or types.',
    'Express it by other operations, or accept the eager executor.',
  ),
  KD6030: entry(
    'ONNX Runtime failed',
    'It refused a graph or stopped in the middle of a step. The last checkpoint is kept.',
    'Go on elsewhere by the command that the message names; `kd doctor` shows what runs here.',
  ),
  KD6031: entry(
    'ONNX Runtime ran out of memory',
    'The last checkpoint is kept.',
    'Choose a smaller `train.batchSize` (with `train.gradientAccumulation` for the same updates) or a smaller model, or free memory.',
  ),
  KD6032: entry(
    'An executor computes a kernel of the step wrongly',
    'Before it trains, the kernels in use are compared with the processor; the message names the one that differs.',
    'Choose another `engine.device`, or `auto`, which goes on with the next one.',
  ),
  KD6040: entry(
    'The device cannot train on this machine',
    'Every executor for it was refused; the message says why.',
    'Choose `engine: { device: auto }`; `kd doctor` lists what serves.',
  ),
  KD6041: entry(
    'A tensor is too large',
    'Executors count the bytes of a tensor in 31 bits: at most 2.1 GB. Nothing was allocated.',
    'Choose a smaller `train.batchSize`, smaller images or a narrower model.',
  ),
  KD6042: entry(
    'The constants of a graph are too large',
    'A graph is written as one message of at most 2.1 GB.',
    'Pass large tables as inputs or as variables of the method.',
  ),
  KD6050: entry(
    'An operation cannot run on TensorFlow',
    'It was traced, but has no form there for these shapes or types.',
    'Choose another `engine.device`, for instance cpu.',
  ),
  KD6051: entry(
    'The constants of a step are too large for TensorFlow',
    'A graph holds less than 2 GB.',
    'Make large fixed tensors state or inputs of the step, or choose another `engine.device`.',
  ),
  KD6052: entry(
    'TensorFlow is installed but cannot be loaded',
    'The package is damaged, or lacks a library of this machine.',
    'Install it again, or choose another `engine.device`.',
  ),
  KD6053: entry(
    'TensorFlow failed',
    'It refused a graph or stopped in the middle of a step. The last checkpoint is kept.',
    'Resume with another `engine.device` to go on without it; `kd doctor` shows what runs here.',
  ),
  KD6054: entry(
    'TensorFlow ran out of memory',
    'The last checkpoint is kept.',
    'Choose a smaller `train.batchSize` (with `train.gradientAccumulation` for the same updates) or a smaller model, or free memory.',
  ),
  KD6061: entry(
    'A library could not be downloaded',
    'It comes in a wheel of the Python package index, which `pip` fetches where Python 3 is.',
    'Install Python 3 with pip, or download the file that the message names yourself and give it with `--wheel FILE`.',
  ),
  KD6062: entry(
    'A wheel is not the one that it should be',
    'Its size or its SHA-256 differs from that of the one that this version was tried with: cut short, changed, or another release.',
    'Download it again.',
  ),
  KD6063: entry(
    'A wheel cannot be unpacked',
    'The file is damaged, or the disk is full.',
    'Download it again; check that the disk has room.',
  ),
  KD6064: entry(
    'A runtime was installed but does not work',
    'It failed the test that everything must pass before it may train, and was removed again.',
    'Nothing else has changed; `kd doctor` shows what runs without it.',
  ),
  KD6065: entry(
    'A runtime is not for this machine',
    'Libraries from wheels are those of Linux on x64, and CUDA for ONNX Runtime stands beside a native runtime of the product.',
    'Choose another runtime; `kd install` lists them.',
  ),
  KD6066: entry(
    'A runtime could not be installed',
    'A tool that builds or fetches it failed; what the tool said stands in the message.',
    'Follow the message; nothing of the product has changed.',
  ),
  KD6067: entry(
    'The disk has too little room for a runtime',
    'Download and unpacked library need the space that the message names.',
    'Free some space, or name a folder on another disk in the variable `KD_TOOLS`.',
  ),
};
