import { interpreter } from '../interpreter.ts';
import type { Rung } from './rung.ts';

/** TensorFlow.js, kernel by kernel: slow, there always. */
export const eagerRung: Rung = {
  device: 'eager',
  name: 'eager',
  lastResort: true,
  open: () => Promise.resolve(interpreter),
};
