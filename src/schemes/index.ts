import { adversarial } from './adversarial.ts';
import { book } from './book.ts';
import { branches } from './branches.ts';
import { chain } from './chain.ts';
import { dataFree } from './data-free.ts';
import { grafting } from './grafting.ts';
import { interactive } from './interactive.ts';
import { multiTeacher } from './multi-teacher.ts';
import { offline } from './offline.ts';
import { online } from './online.ts';
import { progressive } from './progressive.ts';
import type { Scheme } from './scheme.ts';
import { self } from './self.ts';
import { studentAware } from './student-aware.ts';

/** Every scheme that can run. */
export const schemes: readonly Scheme[] = [
  offline,
  multiTeacher,
  chain,
  online,
  branches,
  self,
  adversarial,
  dataFree,
  progressive,
  grafting,
  studentAware,
  interactive,
  book,
];

export function findScheme(name: string): Scheme | undefined {
  return schemes.find((scheme) => scheme.name === name);
}
