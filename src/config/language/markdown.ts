import { bytesText } from '../../book/plan.ts';
import { adapterField } from '../../methods/adapter-choice.ts';
import { findMethod } from '../../methods/index.ts';
import type { Method } from '../../methods/method.ts';
import { needsInWords } from '../../methods/needs-text.ts';
import { spatialOf } from '../../methods/spatial.ts';
import { findModule } from '../../models/modules/index.ts';
import type { ModelModule } from '../../models/modules/module.ts';
import type { Field } from '../../schema/field.ts';
import type { LayerDescription, ModelDescription, ModelGraph, Shape } from '../../models/description.ts';
import { answerText } from '../../models/text.ts';
import type { BookForecast } from '../check/book.ts';
import { describedBy, inferredNotes, type Described } from '../described.ts';
import { pageOf } from '../page-of.ts';
import { defaultOf, mayBeLeftOut } from '../schema/defaults.ts';
import { variantWords } from '../schema/navigate.ts';
import { typeText, valueText } from '../schema/words.ts';
import type { PairFacts } from './pair-facts.ts';
import type { Measured } from './types.ts';

/** Meaning, type, unit, range, default and source of a field. */
export function fieldMarkdown(name: string, field: Field): string {
  const lines = [`**${name}**`, '', field.doc, '', ...factsOf(field).map((fact) => `- ${fact}`)];
  const words = wordLines(field);
  return [...lines, ...(words.length === 0 ? [] : ['', ...words])].join('\n');
}

function factsOf(field: Field): string[] {
  const value = defaultOf(field);
  const facts = [`type: ${typeText(field)}`];
  if (value !== undefined && field.kind !== 'object') facts.push(`default: \`${valueText(value)}\``);
  else if (!mayBeLeftOut(field)) facts.push('required');
  if (field.source !== undefined) facts.push(`source: ${field.source}`);
  return facts;
}

/** What a book will take, or takes. */
export function bookMarkdown({ teachers, like, bytes, rows }: BookForecast): string {
  const whose = `of **${teachers.join(' and ')}**`;
  const size = `${bytesText(bytes)}, ${rows.toLocaleString('en-US')} answers`;
  return like === null
    ? `The book ${whose} will take ${size}.`
    : `The book \`${like}\` ${whose} (${size}) serves, if teacher and data still are what they were.`;
}

const MOST_WORDS = 30;

/** The words that a choice has, each with its meaning. */
function wordLines(field: Field): string[] {
  if (field.kind === 'choice') {
    return Object.entries(field.choices).map(([word, doc]) => `- \`${word}\`: ${doc}`);
  }
  if (field.kind !== 'variant') return [];
  const { now } = variantWords(field.variants);
  return now.slice(0, MOST_WORDS).map((word) => `- \`${word}\`: ${field.variants[word]?.doc ?? ''}`);
}

/** What a word of a choice means: its formula, what of it is inferred, its papers, and the page of what has one. */
export function wordMarkdown(word: string, field: Field, names?: string): string {
  const described = describedBy(names, word);
  const page = described === null ? null : pageOf(word);
  if (described === null) return fieldMarkdown(word, field);
  const text = textOf(word, field, names, described);
  const inferred = inferredNotes(described).filter((note) => !text.includes(note));
  return [
    text,
    ...(inferred.length === 0 ? [] : [inferred.map((note) => `- ${note}`).join('\n')]),
    ...(page === null ? [] : [`Its page: docs/${page}`]),
  ].join('\n\n');
}

function textOf(
  word: string,
  field: Field,
  names: string | undefined,
  { formula, papers }: Described,
): string {
  const method = names === 'method' ? findMethod(word) : undefined;
  const module = names === 'module' ? findModule(word) : undefined;
  if (method !== undefined) return methodMarkdown(method);
  if (module !== undefined) return moduleMarkdown(module);
  return [
    fieldMarkdown(word, field),
    ...(formula === undefined ? [] : [['```text', formula, '```'].join('\n')]),
    ...(papers.length === 0 ? [] : [paperLines({ papers }).join('\n')]),
  ].join('\n\n');
}

/** What a method does: formula, parameters, weight, papers. */
export function methodMarkdown(method: Method): string {
  const needs = needsInWords(method);
  const labels = method.hardLabelWeight;
  const parameters = Object.entries(method.parameters.fields).map(([name, field]) => {
    const value = defaultOf(field);
    return `- \`${name}\`${value === undefined ? '' : ` (${valueText(value)})`}: ${field.doc}`;
  });
  return [
    `**${method.name}**: ${method.title} (${method.knowledge} knowledge)`,
    '',
    method.summary,
    '',
    '```text',
    method.formula,
    '```',
    '',
    `- weight: ${valueText(method.defaultWeight.value)} by default (${method.defaultWeight.source})`,
    ...(labels === undefined
      ? []
      : [`- hard labels: ${valueText(labels.value)} in its recipe (${labels.source})`]),
    ...(needs.length === 0 ? [] : [`- needs: ${needs.join(', ')}`]),
    ...(method.opponent === undefined ? [] : [`- beside the student: ${method.opponent.doc}`]),
    ...(method.mismatch === undefined ? [] : [`- shapes: ${method.mismatch}`]),
    ...(method.adapters === true
      ? [`- a pair may choose its \`adapter\`: ${Object.keys(adapterField.variants).join(', ')}`]
      : []),
    ...parameters,
    '',
    ...paperLines(method),
  ].join('\n');
}

/** What a module does to a model: formula, parameters, what is left open, papers. */
function moduleMarkdown(module: ModelModule): string {
  const parameters = Object.entries(module.parameters.fields).map(([name, field]) => {
    const value = defaultOf(field);
    return `- \`${name}\`${value === undefined ? '' : ` (${valueText(value)})`}: ${field.doc}`;
  });
  return [
    `**${module.name}**: ${module.title}`,
    '',
    module.summary,
    '',
    '```text',
    module.formula,
    '```',
    '',
    ...parameters,
    '',
    ...module.notes.map((note) => `- ${note}`),
    `- exported: ${module.exported}`,
    '',
    ...paperLines(module),
  ].join('\n');
}

/** A line for each paper. */
export function paperLines({ papers }: Pick<Method, 'papers'>): readonly string[] {
  return papers.map(
    ({ title, authors, where, arxiv }) =>
      `- ${authors}: ${title}. ${where}${arxiv === undefined ? '' : `, arXiv:${arxiv}`}`,
  );
}

export function layerMarkdown(name: string, layer: LayerDescription, model: string): string {
  return [
    `**${name}**${name === layer.path ? '' : ` = \`${layer.path}\``} in ${model}`,
    '',
    `- ${layer.kind}, yields ${shapeWords(layer.shape)}`,
    `- ${count(layer.parameters)} parameters, ${count(layer.multiplyAdds)} multiply-adds`,
  ].join('\n');
}

/** What matching two layers takes: shapes, adapter, extra parameters, and how alike they were in a run. */
export function pairMarkdown(
  { method, teacher, student, shapes, names, adapterParameters }: PairFacts,
  measured: Measured | null,
): string {
  const similarity = measured?.similarity(names.teacher, names.student) ?? null;
  const spatial = spatialOf(method.name);
  return [
    `**${teacher}** of the teacher with **${student}** of the student, by ${method.name}`,
    '',
    `- ${shapeWords(shapes.teacher)} from ${shapeWords(shapes.student)}`,
    ...adapterLines(method, shapes),
    ...(spatial === null || shapes.adapter !== undefined || !differInSpace(shapes)
      ? []
      : [`- unlike sizes: ${spatial}`]),
    ...(adapterParameters === null ? [] : [`- extra parameters: ${count(adapterParameters)}`]),
    ...(similarity === null || measured === null
      ? []
      : [`- similarity: ${similarity.toFixed(3)} (linear CKA, run ${measured.run})`]),
  ].join('\n');
}

/** The adapter that the pair chose, else what the method does. */
function adapterLines(
  { mismatch }: PairFacts['method'],
  { adapter }: PairFacts['shapes'],
): readonly string[] {
  if (adapter !== undefined)
    return [`- adapter \`${adapter.kind}\`: ${adapterField.variants[adapter.kind].doc}`];
  return mismatch === undefined ? [] : [`- adapter: ${mismatch}`];
}

/** Two maps of other heights or widths. */
function differInSpace({ teacher, student }: PairFacts['shapes']): boolean {
  const areMaps = teacher.length === 3 && student.length === 3;
  return areMaps && (teacher[0] !== student[0] || teacher[1] !== student[1]);
}

export function modelMarkdown(
  name: string,
  graph: Pick<ModelGraph, 'architecture' | 'reconstructs'>,
  description: ModelDescription,
  exact: boolean,
): string {
  const lines = [`**${name}**: ${graph.architecture}, ${description.layers.length} layers`];
  if (!exact) return lines.join('\n');
  return [
    ...lines,
    '',
    `- ${shapeWords(description.inputShape)} to ${answerText(graph, description)}`,
    `- ${count(description.parameters)} trainable parameters, ${count(description.multiplyAdds)} multiply-adds for one sample`,
  ].join('\n');
}

/** `32 x 32 x 16 (height, width, channels)` */
export function shapeWords(shape: Shape): string {
  const names = shape.length === 3 ? ' (height, width, channels)' : shape.length === 1 ? ' features' : '';
  return `${shape.join(' x ')}${names}`;
}

export function count(value: number): string {
  return value.toLocaleString('en-US');
}
