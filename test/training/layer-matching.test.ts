import { describe, expect, it } from 'vitest';
import { describeMeeting } from '../../src/config/layers/meeting.ts';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { parameterSpecs } from '../../src/models/parameters.ts';
import { buildArchitecture } from '../../src/models/zoo/zoo.ts';
import { DEFAULT_OPTIONS, matchLayers } from '../../src/protocol/layer-matching/match-layers.ts';
import { SIMILARITY_MEASURES } from '../../src/protocol/records.ts';
import { compareModels } from '../../src/training/compare-models.ts';
import { initialTensors } from '../../src/training/initial-tensors.ts';
import type { NamedTensors } from '../../src/training/phase-program.ts';
import { smallExperiment } from './small-run.ts';

const executor = onnxCpu({ threads: 1, spinning: false });
const FILTERS = [4, 8, 8, 16];
/** Of the teacher's stages, those that the student begins with as copies. */
const COPIED = 3;

describe('a student that is a copy of the first stages of its teacher', () => {
  it('is matched with just these stages, by every measure', async () => {
    const { dataset } = await smallExperiment({ train: 400, test: 20, validation: 0.5 });
    const classes = dataset.classes.length;
    const network = (filters: readonly number[]) =>
      buildArchitecture('convnet', dataset.shape, classes, { filters, hidden: [16] });
    const [teacher, student] = [network(FILTERS), network(FILTERS.slice(0, COPIED))];
    const fresh = (graph: typeof teacher, model: string) =>
      initialTensors({ graph, model, variant: 0, prefix: '', lessons: [] }, 5);
    const weights = { teacher: fresh(teacher, 'teacher'), student: fresh(student, 'student') };
    const stages = Array.from({ length: COPIED }, (_, stage) => `stage${stage + 1}.`);
    const copied: NamedTensors = Object.fromEntries(
      parameterSpecs(student).map(({ name }) => {
        const from = stages.some((stage) => name.startsWith(stage)) ? weights.teacher : weights.student;
        return [name, from[name] ?? { shape: [], data: new Float32Array() }];
      }),
    );
    const meeting = describeMeeting({
      phase: 'student',
      teacher: { model: 'teacher', graph: teacher },
      student: { model: 'student', graph: student },
      terms: [],
      method: 'fitnet',
      sizes: { samples: 400, batch: 32 },
    });
    const paths = (side: 'teacher' | 'student') => meeting[side].layers.map(({ path }) => path);
    const measured = await compareModels(
      { graph: teacher, tensors: weights.teacher, layers: paths('teacher') },
      { graph: student, tensors: copied, layers: paths('student') },
      dataset,
      executor,
    );
    expect(measured).toMatchObject({ samples: 192, batches: 6 });
    expect(measured.tables.map(({ measure }) => measure)).toEqual([...SIMILARITY_MEASURES]);
    for (const table of measured.tables) {
      const pairs = matchLayers(meeting, table, { ...DEFAULT_OPTIONS, pairs: COPIED });
      expect(pairs.map(({ teacher: t, student: s }) => `${t.name} ${s.name}`).sort()).toEqual([
        'stage1 stage1',
        'stage2 stage2',
        'stage3 stage3',
      ]);
      for (const pair of pairs) {
        expect(pair.similarity).toBeCloseTo(1, 4);
        expect(pair.error).toBeCloseTo(0, 4);
        expect(pair.reason.place).toBe(0);
      }
    }
  });
});
