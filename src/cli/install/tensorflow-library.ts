import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { unpackWheel } from './wheels.ts';

/** The library's two files, whatever their version, and the headers of its C interface. */
const LIBRARY = /^tensorflow\/(libtensorflow_(?:cc|framework)\.so\.2)$/;
const HEADERS =
  /^tensorflow\/(include\/(?:tensorflow\/(?:c|core\/platform)\/.*|(?:.*\/)?tsl\/(?:c|platform)\/.*)\.h)$/;

/** Takes the native library out of a wheel and lays it out as the packages for Node expect it: `lib` and `include`. */
export async function unpackTensorFlow(path: string, folder: string): Promise<void> {
  await unpackWheel(
    path,
    (name) => {
      const library = LIBRARY.exec(name)?.[1];
      if (library !== undefined) return join(folder, 'lib', library);
      const header = HEADERS.exec(name)?.[1];
      return header === undefined ? null : join(folder, header);
    },
    ['tensorflow/libtensorflow_cc.so.2', 'tensorflow/libtensorflow_framework.so.2'],
  );
  // The names that the addon was linked with, and the one by which the package sees that a library is there.
  const links = {
    'libtensorflow.so': 'libtensorflow_cc.so.2',
    'libtensorflow.so.2': 'libtensorflow_cc.so.2',
    'libtensorflow.so.2.9.1': 'libtensorflow_cc.so.2',
    'libtensorflow_framework.so': 'libtensorflow_framework.so.2',
  };
  for (const [name, target] of Object.entries(links)) await symlink(target, join(folder, 'lib', name));
}
