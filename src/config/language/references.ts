import { dirname, join, resolve } from 'node:path';
import type { Field } from '../../schema/field.ts';
import { layerNames, findLayer } from '../../models/names.ts';
import { meetingsOf } from '../check/meetings.ts';
import { classText } from '../check/classes.ts';
import { namesOfModels } from '../check/distill.ts';
import type { ResolvedModel } from '../check/models.ts';
import { isWithin } from '../root.ts';
import { isMark, type Cursor } from './cursor.ts';
import type { Suggestion } from './completions.ts';
import { layerMarkdown, modelMarkdown, shapeWords } from './markdown.ts';

const MOST_FILES = 300;
const MOST_RUNS = 200;

/** Names that a text may refer to: models, layers, files, runs. */
export function referenceCompletions(field: Extract<Field, { kind: 'text' }>, cursor: Cursor): Suggestion[] {
  switch (field.refersTo) {
    case 'model':
      return modelSuggestions(cursor);
    case 'layer':
      return layerSuggestions(cursor);
    case 'class':
      return classSuggestions(cursor);
    case 'file':
    case 'folder':
      return fileSuggestions(field.refersTo, cursor);
    case 'run':
      return runSuggestions(cursor);
    default:
      return [];
  }
}

function modelSuggestions({ analysis }: Cursor): Suggestion[] {
  const names = analysis.tree === null ? [] : namesOfModels(analysis.tree);
  return names
    .filter((name) => !isMark(name))
    .map((name) => {
      const model = analysis.models.get(name);
      return {
        label: name,
        kind: 'model',
        detail: model?.graph.architecture ?? '',
        documentation:
          model === undefined ? '' : modelMarkdown(name, model.graph, model.description, model.exact),
        insertText: name,
      };
    });
}

/** Which model's layers a place in `pairs` names: the teacher's come first. */
export function modelOfLayer(path: Cursor['path'], analysis: Cursor['analysis']): ResolvedModel | undefined {
  const last = path.at(-1);
  const { to = 'student', match = [] } = analysis.value.distill ?? {};
  const [meeting] = meetingsOf(analysis.value, typeof path[2] === 'number' ? match[path[2]] : undefined);
  if (path[0] === 'models') return analysis.models.get(String(path[1]));
  // A list of layers or of exits names layers of the student alone.
  if (path.at(-2) === 'layers' || path.at(-2) === 'exits' || last === 'at') return analysis.models.get(to);
  if (last === 0 || last === 'teacher') return analysis.models.get(meeting?.teacher ?? '');
  return last === 1 || last === 'student' ? analysis.models.get(meeting?.student ?? to) : undefined;
}

function layerSuggestions({ path, analysis, written }: Cursor): Suggestion[] {
  const model = modelOfLayer(path, analysis);
  if (model === undefined) return [];
  // Stages first; single layers once a dot or a word says that one looks for them.
  return layerNames(model.graph).flatMap((name): Suggestion[] => {
    const layer = findLayer(model.graph, name);
    const described = model.description.layers.find(({ path: own }) => own === layer?.path);
    if (
      described === undefined ||
      (name.includes('.') && written === '' && name === described.path && described.kind !== 'conv2d')
    )
      return [];
    return [
      {
        label: name,
        kind: 'layer',
        detail: model.exact ? shapeWords(described.shape) : described.kind,
        documentation: layerMarkdown(name, described, `${model.name} (${model.graph.architecture})`),
        insertText: name,
      },
    ];
  });
}

/** Classes of the data that the list does not hold yet, label 0 first. */
function classSuggestions({ analysis: { data }, container }: Cursor): Suggestion[] {
  const names = data?.classNames ?? [];
  const items = container?.kind === 'list' ? container.items : [];
  const present = items.flatMap((item) => (item.kind === 'scalar' ? [String(item.value)] : []));
  return names.flatMap((name, label): Suggestion[] => {
    if (present.includes(name)) return [];
    return [
      {
        label: name,
        kind: 'class',
        detail: `label ${label}`,
        documentation: '',
        insertText: classText(name, label),
      },
    ];
  });
}

/** Entries of the folder that is written so far; nothing outside the root. */
function fileSuggestions(wanted: 'file' | 'folder', { analysis, written }: Cursor): Suggestion[] {
  const folderPart = written.replace(/[^/\\]*$/, '');
  const folder = resolve(dirname(analysis.source.file), folderPart === '' ? '.' : folderPart);
  const { files } = analysis;
  if (!isWithin(files.realPath(analysis.root), files.realPath(folder))) return [];
  return files.list(folder, MOST_FILES).flatMap((entry): Suggestion[] => {
    const isFolder = entry.endsWith('/');
    if (entry.startsWith('.') || (wanted === 'folder' && !isFolder)) return [];
    return [
      {
        label: folderPart + entry,
        kind: isFolder ? 'folder' : 'file',
        detail: isFolder ? 'folder' : sizeText(files.status(join(folder, entry))?.size ?? 0),
        documentation: '',
        insertText: folderPart + entry,
      },
    ];
  });
}

function runSuggestions({ analysis }: Cursor): Suggestion[] {
  const folder = join(analysis.root, '.kd', 'runs');
  const ids = analysis.files.list(folder, MOST_RUNS).filter((name) => name.endsWith('/'));
  const runs = ids
    .map((name) => name.slice(0, -1))
    .sort()
    .reverse();
  return ['latest', ...runs].map((id) => ({
    label: id,
    kind: 'run',
    detail: id === 'latest' ? 'the newest run' : '',
    documentation: '',
    insertText: id,
  }));
}

function sizeText(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
