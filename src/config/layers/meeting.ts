import { findMethod } from '../../methods/index.ts';
import type { Method } from '../../methods/method.ts';
import { describe } from '../../models/describe.ts';
import type { ModelGraph } from '../../models/description.ts';
import { nameOfLayer, namedLayers } from '../../models/named-layers.ts';
import { findLayer } from '../../models/names.ts';
import { batchNormOf } from '../../models/norm-of.ts';
import type { LayerFact, LayerMeeting, LayerNetwork, LayerPairNames } from '../../protocol/records.ts';
import { defaultOf } from '../schema/defaults.ts';
import { adapterOf, type AdapterSizes } from './adapter.ts';

/** Matches layers of any shape: no adapter is needed. */
const DEFAULT_METHOD = 'at';

/** A model of a meeting. */
export interface MeetingSide {
  /** Name in the config. */
  readonly model: string;
  readonly graph: ModelGraph;
}

/** A term of the phase, as far as it matters here. */
export interface MeetingTerm {
  readonly method: string;
  readonly pairs: readonly LayerPairNames[];
  readonly parameters: Readonly<Record<string, unknown>>;
}

export interface MeetingInput {
  readonly phase: string;
  readonly teacher: MeetingSide;
  readonly student: MeetingSide;
  /** Those by which this student learns from this teacher. */
  readonly terms: readonly MeetingTerm[];
  /** Left out: of the first term that matches layers. */
  readonly method?: string;
  readonly sizes: Omit<AdapterSizes, 'classes'>;
}

/** The layers of teacher and student with the adapter of every pair, all without running anything. */
export function describeMeeting({ phase, teacher, student, terms, ...rest }: MeetingInput): LayerMeeting {
  const own = terms.find(
    ({ method }) => rest.method === method || (rest.method === undefined && matchesLayers(method)),
  );
  const method = findMethod(own?.method ?? rest.method ?? DEFAULT_METHOD);
  if (method === undefined) throw new Error(`there is no method "${rest.method ?? ''}"`);
  const settings = own?.parameters ?? (defaultOf(method.parameters) as Readonly<Record<string, unknown>>);
  const pairs = terms.flatMap((term) => term.pairs);
  const sides = [
    networkOf(
      teacher,
      pairs.map((pair) => pair.teacher),
    ),
    networkOf(
      student,
      pairs.map((pair) => pair.student),
    ),
  ] as const;
  const sizes = { ...rest.sizes, classes: describe(student.graph).classes };
  const isReadable = readableLayers(method, teacher.graph);
  const adapters = sides[0].layers.map((large) =>
    sides[1].layers.map((small) => {
      if (!isReadable(large)) return null;
      const layers = { teacher: large.name, student: small.name };
      return adapterOf(method, { teacher: large.shape, student: small.shape, layers }, sizes, settings);
    }),
  );
  const matched = pairs.map((pair) => ({
    teacher: nameIn(teacher.graph, pair.teacher),
    student: nameIn(student.graph, pair.student),
  }));
  return {
    ...{
      phase,
      method: method.name,
      batch: rest.sizes.batch,
      teacher: sides[0],
      student: sides[1],
      adapters,
    },
    matched: [...new Map(matched.map((pair) => [JSON.stringify(pair), pair])).values()],
  };
}

function matchesLayers(name: string): boolean {
  return findMethod(name)?.needs.pairs !== undefined;
}

function networkOf({ model, graph }: MeetingSide, matched: readonly string[]): LayerNetwork {
  const shapes = new Map(describe(graph).layers.map(({ path, shape }) => [path, shape]));
  const also = matched.flatMap((name) => findLayer(graph, name)?.path ?? []);
  const layers = namedLayers(graph, also).map(({ name, path }) => ({
    ...{ name, path, shape: shapes.get(path) ?? [] },
    main: !name.includes('.') && name !== path,
  }));
  return { model, architecture: graph.architecture, layers };
}

function nameIn(graph: ModelGraph, name: string): string {
  const path = findLayer(graph, name)?.path;
  return path === undefined ? name : nameOfLayer(graph, path);
}

/** Tells of a layer whether the teacher has what the method reads of it beside the map. */
function readableLayers({ needs }: Method, graph: ModelGraph): (layer: LayerFact) => boolean {
  if (needs.teacherWeights === 'batchNorm')
    return ({ path }) => {
      const layer = findLayer(graph, path);
      return layer !== null && batchNormOf(graph, layer) !== null;
    };
  if (needs.teacherWeights !== 'classifier') return () => true;
  const embedding = describe(graph).layers.find(({ path }) => path === graph.embedding)?.shape;
  return ({ shape }) => shape.at(-1) === embedding?.at(-1);
}
