import type { CallSite } from './graph.ts';

/** Frames of the compiler and of TensorFlow.js say nothing about the method. */
const INTERNAL =
  /[\\/]@tensorflow[\\/]|tf-core|tfjs-core|tf-backend|[\\/]src[\\/]compiler[\\/]|\(node:|at node:|<anonymous>/;
const FRAMES = 60;

/** Remembers the current call stack; the text is made when `describe` is first called. */
export function captureCallSite(): CallSite {
  return callSiteOf(withDeepStack(() => new Error('call site')));
}

/** The call site of an error that was thrown by a method while it was traced. */
export function callSiteOf(error: Error): CallSite {
  return { describe: () => firstForeignFrame(error.stack ?? '') };
}

/** TensorFlow.js nests its calls deeper than the ten frames that V8 keeps. */
export function withDeepStack<T>(action: () => T): T {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = FRAMES;
  try {
    return action();
  } finally {
    Error.stackTraceLimit = limit;
  }
}

function firstForeignFrame(stack: string): string | null {
  for (const line of stack.split('\n')) {
    if (!/^\s*at /.test(line) || INTERNAL.test(line)) continue;
    const place = /([^\s(]+):(\d+):\d+\)?$/.exec(line);
    if (place?.[1] !== undefined && place[2] !== undefined) return `${lastParts(place[1])}:${place[2]}`;
  }
  return null;
}

/** `src/methods/kd.ts` of a longer path. */
function lastParts(path: string): string {
  const parts = path.replace(/^file:\/\//, '').split(/[\\/]/);
  return parts.slice(-3).join('/');
}
