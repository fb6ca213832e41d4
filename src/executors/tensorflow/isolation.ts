/**
 * TensorFlow.js keeps its engine and its kernels in global variables, so that all copies of the library in one process work on
 * the same ones. The packages for Node bring a copy of their own, with a backend that makes itself the active one: it gets
 * global variables of its own, which are in place only while its code runs.
 */
const SHARED = ['_tfengine', '_tfGlobals'] as const;

type Globals = Partial<Record<(typeof SHARED)[number], unknown>>;

export class Isolation {
  #own: Globals = {};

  /** Runs synchronous code of the other copy. */
  run<T>(action: () => T): T {
    const ours = exchange(this.#own);
    try {
      return action();
    } finally {
      this.#own = exchange(ours);
    }
  }
}

/** Puts `values` in place and returns what was there. */
function exchange(values: Globals): Globals {
  const globals = globalThis as Globals;
  const before: Globals = {};
  for (const name of SHARED) {
    if (name in globals) before[name] = globals[name];
    // Absent is not the same as undefined: the library would take it for there.
    if (values[name] === undefined) Reflect.deleteProperty(globals, name);
    else globals[name] = values[name];
  }
  return before;
}
