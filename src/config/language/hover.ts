import type { Position } from '../../protocol/errors.ts';
import { findLayer } from '../../models/names.ts';
import type { Analysis } from '../analyze.ts';
import { guideMarkdown } from '../guide.ts';
import { experimentField } from '../schema/experiment.ts';
import { concreteField, fieldAt, own, tagField } from '../schema/navigate.ts';
import { nodeAt, placeRange, type Path } from '../syntax/node.ts';
import {
  bookMarkdown,
  fieldMarkdown,
  layerMarkdown,
  modelMarkdown,
  pairMarkdown,
  wordMarkdown,
} from './markdown.ts';
import { analysisOf } from './context.ts';
import { pairFactsAt } from './pair-facts.ts';
import { modelOfLayer } from './references.ts';
import { scheduleMarkdown } from './schedule-values.ts';
import { findTarget } from './target.ts';
import type { Hover, LanguageContext, Measured } from './types.ts';

/** What the key or the value at a place means; null where nothing can be said. */
export function hoverAt(text: string, position: Position, context: LanguageContext): Hover | null {
  const analysis = analysisOf(text, context);
  const { tree, source } = analysis;
  if (tree === null) return null;
  const target = findTarget(tree, source.offsetAt(position), source.file);
  if (target === null) return null;
  const markdown =
    target.part === 'key'
      ? describeKey(target.path, analysis)
      : describeValue(target.path, analysis, context.measured?.() ?? null);
  return markdown === null ? null : { range: placeRange(target.place), markdown };
}

function describeKey(path: Path, analysis: Analysis): string | null {
  const name = String(path.at(-1));
  const tree = analysis.tree ?? undefined;
  const parent = fieldAt(experimentField, tree, path.slice(0, -1));
  const concrete = parent === undefined ? undefined : concreteField(parent, nodeAt(tree, path.slice(0, -1)));
  if (concrete?.kind === 'variant' && concrete.names !== undefined) {
    const settings = own(concrete.variants, name);
    if (settings !== undefined) return wordMarkdown(name, settings, concrete.names);
  }
  const model = path.length === 2 && path[0] === 'models' ? analysis.models.get(name) : undefined;
  if (model !== undefined) return modelMarkdown(name, model.graph, model.description, model.exact);
  if (concrete?.kind === 'tagged' && name === concrete.tag) return fieldMarkdown(name, tagField(concrete));
  const field = fieldAt(experimentField, tree, path);
  if (field === undefined) return null;
  const isBook = path.length === 2 && path[0] === 'distill' && name === 'book';
  const books = isBook ? analysis.books.map(bookMarkdown) : [];
  const guide = path.length === 2 && path[0] === 'distill' && ['match', 'scheme'].includes(name);
  return [
    fieldMarkdown(name, field),
    ...books,
    ...(guide ? [guideMarkdown()] : []),
    ...scheduleLines(path, analysis),
  ].join('\n\n');
}

function scheduleLines(path: Path, analysis: Analysis): string[] {
  const line = scheduleMarkdown(path, analysis);
  return line === null ? [] : [line];
}

function describeValue(path: Path, analysis: Analysis, measured: Measured | null): string | null {
  const tree = analysis.tree ?? undefined;
  const node = nodeAt(tree, path);
  const field = fieldAt(experimentField, tree, path);
  if (field === undefined || node?.kind !== 'scalar') return null;
  const concrete = concreteField(field, node);
  const word = String(node.value);
  if (concrete.kind === 'text' && concrete.refersTo === 'layer')
    return describeLayer(word, path, analysis, measured);
  if (concrete.kind === 'text' && concrete.refersTo === 'model') {
    const model = analysis.models.get(word);
    return model === undefined ? null : modelMarkdown(word, model.graph, model.description, model.exact);
  }
  if (concrete.kind === 'text' && concrete.refersTo === 'class') return describeClass(word, analysis);
  if (concrete.kind === 'variant') {
    const settings = own(concrete.variants, word);
    return settings === undefined ? null : wordMarkdown(word, settings, concrete.names);
  }
  if (concrete.kind === 'choice') {
    const doc = own(concrete.choices, word);
    return doc === undefined ? null : `**${word}**\n\n${doc}`;
  }
  const last = path.findLast((step): step is string => typeof step === 'string');
  if (last === undefined) return null;
  return [fieldMarkdown(last, concrete), ...scheduleLines(path, analysis)].join('\n\n');
}

function describeClass(name: string, { data }: Analysis): string | null {
  const label = data?.classNames.indexOf(name) ?? -1;
  return data === null || label < 0 ? null : `**${name}**: label ${label} of ${data.classes} classes`;
}

function describeLayer(
  name: string,
  path: Path,
  analysis: Analysis,
  measured: Measured | null,
): string | null {
  const model = modelOfLayer(path, analysis);
  const layer = model === undefined ? null : findLayer(model.graph, name);
  const described = model?.description.layers.find((one) => one.path === layer?.path);
  if (model === undefined || described === undefined) return null;
  const own = layerMarkdown(name, described, `${model.name} (${model.graph.architecture})`);
  const pair = pairFactsAt(path, analysis);
  return pair === null ? own : `${own}\n\n${pairMarkdown(pair, measured)}`;
}
