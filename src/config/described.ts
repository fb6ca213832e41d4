import { catalogue } from '../methods/index.ts';
import type { Method } from '../methods/method.ts';
import { refiners } from '../methods/refine/index.ts';
import { modules } from '../models/modules/index.ts';
import { ZOO } from '../models/zoo/zoo.ts';
import { schemes } from '../schemes/index.ts';
import { REMARKS } from './remarks.ts';

/** What a word of the language names, as far as hovers and pages tell it alike. */
export interface Described {
  readonly formula?: string;
  readonly papers: Method['papers'];
  /** Each a line: its own, and what is remarked beside it. */
  readonly notes: readonly string[];
}

/** @param names what the words of a choice name; null where it names nothing of that name */
export function describedBy(names: string | undefined, word: string): Described | null {
  const named = (one: { readonly name: string }) => one.name === word;
  const remarks = REMARKS[word] ?? [];
  switch (names) {
    case 'method':
    case 'refiner':
    case 'module': {
      const found = { method: catalogue, refiner: refiners, module: modules }[names].find(named);
      if (found === undefined) return null;
      const { formula, papers, notes = [] } = found;
      return { formula, papers, notes: [...notes, ...remarks] };
    }
    case 'scheme': {
      const found = schemes.find(named);
      if (found === undefined) return null;
      const { formula, papers = [], doc, notes = [] } = found;
      return {
        ...(formula === undefined ? {} : { formula }),
        papers,
        notes: [...doc.split('\n'), ...notes, ...remarks],
      };
    }
    case 'architecture': {
      const found = ZOO.find(named);
      if (found === undefined) return null;
      const { formula, paper, notes = [] } = found;
      return {
        ...(formula === undefined ? {} : { formula }),
        papers: [paper],
        notes: [...notes, ...remarks],
      };
    }
    default:
      return null;
  }
}

/** The notes that say what is inferred, where a paper was not read or leaves something open. */
export function inferredNotes({ notes }: Pick<Described, 'notes'>): readonly string[] {
  return notes.filter((note) => /inferred/i.test(note));
}

/** Whether some of a formula or of what it takes is inferred. */
export function isInferred(described: Described | null): boolean {
  return described !== null && inferredNotes(described).some((note) => !note.startsWith('Inferred: nothing'));
}
