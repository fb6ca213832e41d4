import {
  findPackages,
  loadPackage,
  loadWholePackage,
  type TensorFlowPackage,
  type WholePackage,
} from '../../src/executors/tensorflow/package.ts';
import { tensorFlow, type TensorFlowExecutor } from '../../src/executors/tensorflow.ts';

/** Where the official package lies that these tests were started for. */
export const FOLDER = process.env['KD_TEST_TENSORFLOW'] ?? '';

export function found() {
  const [first] = findPackages([FOLDER]);
  if (first === undefined)
    throw new Error(
      `there is no TensorFlow package in "${FOLDER}"; run these tests by "npm test -- --only tensorflow"`,
    );
  return first;
}

export function nativePart(): TensorFlowPackage {
  return loadPackage(found(), 1);
}

export function packageUnderTest(): WholePackage {
  return loadWholePackage(found(), 1);
}

export function executor(folder?: string): TensorFlowExecutor {
  return tensorFlow({ found: found(), threads: 1, ...(folder === undefined ? {} : { folder }) });
}
