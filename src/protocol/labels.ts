import { boolean, list, object, read, text, type Shape } from './shape.ts';

/** What people say of a run: `labels.json` in its directory. Nothing else reads it, and a run is the same without it. */
export interface RunLabels {
  readonly starred: boolean;
  /** Out of the way: lists leave it out unless they are asked for all. */
  readonly archived: boolean;
  /** Short words, in order. */
  readonly tags: readonly string[];
  readonly note: string;
}

/** What is absent stays as it is. */
export interface LabelChange {
  readonly starred?: boolean;
  readonly archived?: boolean;
  readonly addTags?: readonly string[];
  readonly removeTags?: readonly string[];
  /** Empty: none any more. */
  readonly note?: string;
}

export const LABEL_LIMITS = { tags: 20, tagLength: 40, noteLength: 2_000 } as const;

export const NO_LABELS: RunLabels = { starred: false, archived: false, tags: [], note: '' };

export const runLabels: Shape<RunLabels> = object<RunLabels>({
  starred: boolean,
  archived: boolean,
  tags: list(text(LABEL_LIMITS.tagLength), LABEL_LIMITS.tags),
  note: text(LABEL_LIMITS.noteLength),
});

/** Labels of a file that may hold anything; what makes no sense says nothing. */
export function readLabels(value: unknown): RunLabels {
  const found = read(runLabels, value, 'labels');
  return found.ok ? found.value : NO_LABELS;
}

/** `★ good, warm · archived · higher temperature`; empty where nothing is said. */
export function labelsText({ starred, archived, tags, note }: RunLabels): string {
  const marks = [...(starred ? ['★'] : []), ...(tags.length > 0 ? [tags.join(', ')] : [])].join(' ');
  const line = note.replace(/\s+/gu, ' ').trim();
  return [marks, archived ? 'archived' : '', line].filter((part) => part !== '').join(' · ');
}
