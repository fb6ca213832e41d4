import { architectureText, layersText, NONE, type Fingerprint } from '../book/fingerprint.ts';
import type { MergePlan } from '../book/merge.ts';
import type { AnswerTensor } from '../book/row.ts';
import { findMethod } from '../methods/index.ts';
import { readsTeacher } from '../methods/method.ts';
import type { ModelGraph } from '../models/description.ts';
import { inferShapes } from '../models/infer.ts';
import { resolveLayer } from '../models/names.ts';
import { MERGED_BOOK, modelOf, reaches, speakersOf } from '../schemes/lessons.ts';
import type { Phase } from '../schemes/phase.ts';
import type { Experiment } from './experiment.ts';

/** A book that an experiment reads: whose answers, to what, and all of its fingerprint that a config can tell. */
export interface WantedBook {
  /** Who speaks from it, as the steps name it. */
  readonly speaker: string;
  /** Frozen instances that answer, in order. */
  readonly teachers: readonly string[];
  readonly merge: MergePlan | null;
  /** `logits`, and layers by their paths. */
  readonly tensors: readonly AnswerTensor[];
  readonly views: { readonly plain: number; readonly strong: number };
  readonly known: Omit<Fingerprint, 'weights' | 'data'>;
}

/** Whether finished teachers speak in a phase, and from a book. */
export function readsBook({ distill }: Pick<Experiment, 'distill'>, phase: Phase): boolean {
  return (
    distill.book !== null &&
    phase.loss === 'distill' &&
    phase.generator === undefined &&
    // The rows of a book are those of the whole split.
    phase.shots === undefined &&
    phase.freeze.length > 0
  );
}

/** Every book of an experiment: one a frozen teacher with all that any phase asks of it, or one of merged teachers. */
export function wantedBooks(experiment: Experiment): readonly WantedBook[] {
  const books = new Map<
    string,
    { teachers: readonly string[]; merge: MergePlan | null; layers: Set<string> }
  >();
  for (const phase of experiment.phases) {
    if (!readsBook(experiment, phase)) continue;
    if (phase.book !== undefined) {
      books.set(MERGED_BOOK, { teachers: phase.freeze, merge: phase.book, layers: new Set() });
      continue;
    }
    for (const [speaker, layers] of askedLayers(experiment, phase)) {
      const book = books.get(speaker) ?? { teachers: [speaker], merge: null, layers: new Set<string>() };
      books.set(speaker, book);
      for (const layer of layers) book.layers.add(layer);
    }
  }
  return [...books].map(([speaker, { teachers, merge, layers }]) => {
    const graphs = teachers.map((name) => graphOf(experiment, modelOf(experiment.phases, name)));
    return wantedBook(experiment, { speaker, teachers, merge, layers: [...layers].sort() }, graphs);
  });
}

/** Paths of the layers that the terms of a phase ask of each frozen instance; who is asked for nothing is only compared with. */
function askedLayers(experiment: Experiment, phase: Phase): ReadonlyMap<string, readonly string[]> {
  const { distill, phases } = experiment;
  const asked = new Map<string, string[]>();
  for (const learner of phase.train) {
    for (const term of phase.match ?? distill.terms) {
      const method = findMethod(term.method);
      if (method === undefined || !readsTeacher(method) || !reaches(term.to, learner)) continue;
      if (phase.pairs !== undefined && method.needs.pairs === undefined) continue;
      const known = { phases, cycle: method.needs.cycle === true };
      for (const { instance, model, kind } of speakersOf(phase, learner, distill.from, term.from, known)) {
        if (kind !== 'frozen') continue;
        const graph = graphOf(experiment, model);
        const paths = (phase.pairs ?? term.pairs).map((pair) => resolveLayer(graph, pair.teacher).path);
        asked.set(instance, [...(asked.get(instance) ?? []), ...paths]);
      }
    }
  }
  const [onlooker] = phase.freeze;
  if (asked.size === 0 && onlooker !== undefined) asked.set(onlooker, []);
  return asked;
}

function wantedBook(
  { data, train, distill, phases }: Experiment,
  book: Pick<WantedBook, 'speaker' | 'teachers' | 'merge'> & { readonly layers: readonly string[] },
  graphs: readonly ModelGraph[],
): WantedBook {
  const { layers, ...rest } = book;
  const [first] = graphs;
  if (distill.book === null || first === undefined) throw new Error('the experiment has no book');
  const shapes = inferShapes(first);
  const shapeOf = (path: string) => shapes.get(path) ?? [];
  const logits = { name: 'logits', shape: shapeOf(first.logits) };
  const { augment, strongAugment, validation, limit, normalize, classes = null } = data;
  const terms = phases.flatMap(({ match }) => match ?? distill.terms);
  const twoViews = terms.some(({ method }) => findMethod(method)?.needs.strongView === true);
  const strong = strongAugment ?? augment;
  const viewsOf = (settings: readonly object[]) => (settings.length === 0 ? 1 : (distill.book?.views ?? 1));
  const views = { plain: viewsOf(augment), strong: twoViews ? viewsOf(strong) : 0 };
  const isDrawn = augment.length > 0 || (twoViews && strong.length > 0);
  const { precision, topK } = distill.book;
  const [answers = 1] = logits.shape;
  const images = data.format === 'image-folder' ? { size: data.size, channels: data.channels } : {};
  return {
    ...rest,
    tensors: [logits, ...layers.map((path) => ({ name: path, shape: shapeOf(path) }))],
    views,
    known: {
      architecture: architectureText(graphs),
      merge: book.merge === null ? NONE : JSON.stringify(book.merge),
      layers: layersText(layers),
      precision,
      topK: topK === null || topK >= answers ? 'all' : String(topK),
      views: String(Math.max(views.plain, views.strong)),
      augment: textOf(augment),
      strongAugment: twoViews ? textOf(strong) : NONE,
      viewSeed: isDrawn ? String(train.seed) : NONE,
      preprocessing: JSON.stringify({ format: data.format, normalize, ...images }),
      splits: JSON.stringify({ validation, limit, classes, seed: train.seed }),
    },
  };
}

function textOf(settings: readonly object[]): string {
  return settings.length === 0 ? NONE : JSON.stringify(settings);
}

function graphOf(experiment: Experiment, model: string): ModelGraph {
  const found = experiment.models[model];
  if (found === undefined) throw new Error(`the experiment has no model "${model}"`);
  return found.graph;
}
