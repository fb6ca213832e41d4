import { offline } from './offline.ts';
import type { Scheme } from './scheme.ts';

/** Every scheme that can run. */
export const schemes: readonly Scheme[] = [offline];

/** Schemes of the language that this version does not run yet, with what they are for. */
export const laterSchemes: Readonly<Record<string, string>> = {
  multiTeacher: 'Several teachers, combined by average, weights, chance or quality.',
  chain: 'Teacher assistants: each model teaches the next smaller one.',
  online: 'Peers learn together and from one another.',
  branches: 'Branches on a shared trunk teach one another.',
  self: 'The student learns from itself: earlier, deeper or smoothed.',
  dataFree: 'A generator makes the data that the teacher answers.',
  adversarial: 'A discriminator tells teacher and student apart.',
  studentAware: 'The teacher is trained with branches of the student, then teaches.',
  progressive: 'Blocks of the student are grafted into the teacher one after another.',
  interactive: 'Assistants and feedback from the student.',
  book: 'Students learn from stored answers alone.',
};

export function findScheme(name: string): Scheme | undefined {
  return schemes.find((scheme) => scheme.name === name);
}
