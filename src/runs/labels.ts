import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../protocol/errors.ts';
import { LABEL_LIMITS, NO_LABELS, readLabels, type LabelChange, type RunLabels } from '../protocol/labels.ts';
import { writeAtomically } from './disk.ts';
import { FILES } from './layout.ts';

/** What people say of a run, in a file of its own beside its record. Without one, or where it is damaged: nothing. */
export function labelsOf(directory: string): RunLabels {
  try {
    return readLabels(JSON.parse(readFileSync(join(directory, FILES.labels), 'utf8')));
  } catch {
    return NO_LABELS;
  }
}

/** The same while other work goes on. */
export async function labelsOfAsync(directory: string): Promise<RunLabels> {
  try {
    return readLabels(JSON.parse(await readFile(join(directory, FILES.labels), 'utf8')));
  } catch {
    return NO_LABELS;
  }
}

/** Changes what is said of a run. Throws KD7024 for what is no tag or too long. */
export function changeLabels(directory: string, change: LabelChange): RunLabels {
  const before = labelsOf(directory);
  const add = (change.addTags ?? []).map(tagOf);
  const remove = (change.removeTags ?? []).map((tag) => tag.trim());
  const tags = [...new Set([...before.tags, ...add])].filter((tag) => !remove.includes(tag)).sort();
  if (tags.length > LABEL_LIMITS.tags)
    throw refused(`a run takes at most ${LABEL_LIMITS.tags} tags, this would be ${tags.length}`);
  const note = change.note ?? before.note;
  if (note.length > LABEL_LIMITS.noteLength)
    throw refused(`a note takes at most ${LABEL_LIMITS.noteLength} characters, this has ${note.length}`);
  const after: RunLabels = {
    starred: change.starred ?? before.starred,
    archived: change.archived ?? before.archived,
    tags,
    note,
  };
  const text = `${JSON.stringify({ formatVersion: 1, ...after }, null, 2)}\n`;
  writeAtomically(join(directory, FILES.labels), text, { durable: true });
  return after;
}

function tagOf(text: string): string {
  const tag = text.trim();
  if (tag !== '' && tag.length <= LABEL_LIMITS.tagLength && !/[\p{C},]/u.test(tag)) return tag;
  throw refused(
    `${JSON.stringify(text)} is no tag: 1 to ${LABEL_LIMITS.tagLength} characters, no comma, one line`,
  );
}

function refused(message: string): UserError {
  return new UserError({
    code: 'KD7024',
    message,
    help: 'write for instance --tag good --note "higher temperature"',
  });
}
