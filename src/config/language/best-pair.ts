import { findMethod } from '../../methods/index.ts';
import { nameOfLayer } from '../../models/named-layers.ts';
import { findLayer } from '../../models/names.ts';
import {
  crossings,
  cellOf,
  DEFAULT_OPTIONS,
  matchLayers,
} from '../../protocol/layer-matching/match-layers.ts';
import type { LayerMeeting, LayerPairNames } from '../../protocol/records.ts';
import type { Analysis } from '../analyze.ts';
import { layerNode } from '../check/pairs.ts';
import { meetingsOf } from '../check/meetings.ts';
import type { ResolvedModel } from '../check/models.ts';
import { insertPair } from '../edits.ts';
import { describeMeeting } from '../layers/meeting.ts';
import { chosen } from '../loose.ts';
import { nodeAt, type ConfigNode } from '../syntax/node.ts';
import type { LanguageContext, Measured, Refactoring } from './types.ts';

/** A pair, and what speaks for it in words. */
interface Candidate extends LayerPairNames {
  readonly why: string;
}

/**
 * The pair to match next: what `kd match` would rank first by what the last run measured, else the deepest pair of stages of one
 * size. Pairs that are written already, that cross one, or whose student layer has its teacher layer are none.
 */
export function bestPair(
  { value, models, source, tree, data }: Analysis,
  context: LanguageContext,
): Refactoring[] {
  const match = value.distill?.match ?? [];
  const term = match.find((one) => findMethod(chosen(one)?.word ?? '')?.needs.pairs !== undefined);
  const [meeting] = meetingsOf(value, term ?? match[0]);
  const [teacher, student] = [models.get(meeting?.teacher ?? ''), models.get(meeting?.student ?? '')];
  if (teacher?.exact !== true || student?.exact !== true || tree === null) return [];
  const method = findMethod(chosen(term)?.word ?? '')?.name;
  const node = nodeAt(tree, ['distill', 'match', match.indexOf(term), method ?? '', 'pairs']);
  const written = node?.kind === 'list' ? node.items.map((item) => pairIn(item, teacher, student)) : [];
  const facts = describeMeeting({
    phase: '',
    teacher: { model: teacher.name, graph: teacher.graph },
    student: { model: student.name, graph: student.graph },
    terms: [],
    ...(method === undefined ? {} : { method }),
    sizes: { samples: data?.trainCount ?? 1, batch: value.train?.batchSize ?? 1 },
  });
  const measured = context.measured?.() ?? null;
  const ranked = measured === null ? [] : rankedBy(facts, measured);
  const best = nextOf(facts, ranked.length > 0 ? ranked : ofOneSize(facts), written);
  if (best === undefined) return [];
  const pair = { teacher: best.teacher, student: best.student, ...(method === undefined ? {} : { method }) };
  const title = `Insert the best-matching pair: ${best.teacher} and ${best.student} (${best.why})`;
  return [{ title, kind: 'refactor.rewrite', edits: insertPair(source.text, pair) }];
}

function pairIn(node: ConfigNode, teacher: ResolvedModel, student: ResolvedModel): LayerPairNames {
  const name = (role: 'teacher' | 'student', { graph }: ResolvedModel) => {
    const layer = layerNode(node, role);
    const written = layer?.kind === 'scalar' ? String(layer.value) : '';
    const path = findLayer(graph, written)?.path;
    return path === undefined ? written : nameOfLayer(graph, path);
  };
  return { teacher: name('teacher', teacher), student: name('student', student) };
}

function rankedBy(facts: LayerMeeting, measured: Measured): readonly Candidate[] {
  const { teacher, student } = facts;
  const values = teacher.layers.map((large) =>
    student.layers.map((small) => measured.similarity(large.name, small.name) ?? ('NaN' as const)),
  );
  const pairs = matchLayers(facts, { values }, { ...DEFAULT_OPTIONS, pairs: student.layers.length });
  return pairs.map((pair) => ({
    teacher: pair.teacher.name,
    student: pair.student.name,
    why: `similarity ${pair.similarity.toFixed(2)}`,
  }));
}

/** Deepest first: deeper stages hold more of the classes. */
function ofOneSize({ teacher, student, adapters }: LayerMeeting): readonly Candidate[] {
  const pairs = teacher.layers.flatMap((large, row) =>
    student.layers.flatMap((small, column) => {
      const isMap = large.shape.length === 3 && small.shape.length === 3;
      const isOneSize = large.shape.slice(0, 2).join() === small.shape.slice(0, 2).join();
      const fits = large.main && small.main && (adapters[row]?.[column] ?? null) !== null;
      return isMap && isOneSize && fits
        ? [{ teacher: large.name, student: small.name, why: 'same size' }]
        : [];
    }),
  );
  return pairs.reverse();
}

function nextOf(
  facts: LayerMeeting,
  candidates: readonly Candidate[],
  written: readonly LayerPairNames[],
): Candidate | undefined {
  const cells = written.flatMap((pair) => cellOf(facts, pair) ?? []);
  return candidates.find((pair) => {
    const cell = cellOf(facts, pair);
    const isFree = !written.some(({ student }) => student === pair.student);
    return cell !== null && isFree && !crossings([...cells, cell]).some((crossed) => crossed.includes(cell));
  });
}
