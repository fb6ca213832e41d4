import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PanelFeed, type Timer } from '../../../src/extension/panel/feed.ts';
import { RunModel, type RunRecords } from '../../../src/extension/panel/run-model.ts';
import { viewOfRun } from '../../../src/extension/panel/run-view.ts';
import { MIN_MILLISECONDS_BETWEEN_UPDATES } from '../../../src/protocol/panel.ts';
import { readHostMessage } from '../../../src/protocol/panel-shapes.ts';
import { PanelContent } from '../../../src/protocol/panel-content.ts';
import type { HostMessage } from '../../../src/protocol/panel.ts';
import type { JsonNumber, MetricsRecord, RunStatus } from '../../../src/protocol/records.ts';
import { linesOf } from '../../../webview/curves/lines.ts';
import { RunStore } from '../../../webview/run-store.ts';
import { samplePictures } from '../../panel/sample-pictures.ts';
import { sampleRun } from '../../panel/sample-run.ts';
import { counts } from '../../support/counts.ts';

/** Time that goes on when it is told to. */
class HandTimer implements Timer {
  #now = 0;
  #waiting: { at: number; call: () => void }[] = [];

  now = () => this.#now;
  after = (milliseconds: number, call: () => void) => {
    const entry = { at: this.#now + milliseconds, call };
    this.#waiting.push(entry);
    return () => {
      this.#waiting = this.#waiting.filter((one) => one !== entry);
    };
  };
  advance(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (;;) {
      const next = this.#waiting.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#waiting = this.#waiting.filter((one) => one !== next);
      this.#now = next.at;
      next.call();
    }
    this.#now = end;
  }
}

const { record, gap, similarity, events, layers } = sampleRun({ seeds: [1], epochs: 6 });
const pictures = samplePictures();
/** Runs that may be laid over the one shown. */
const OTHERS = ['/runs/2', '/runs/3'];
/** Until everything that is owed has been told. */
const ROUNDS = 8;

/** A run directory in memory, a host that follows it, and a panel that comes and goes. */
class Scene {
  readonly timer = new HandTimer();
  readonly file = {
    metrics: [] as MetricsRecord[],
    gap: [] as (typeof gap)[number][],
    similarity: [] as (typeof similarity)[number][],
    events: [] as (typeof events)[number][],
    pictures: [] as (typeof pictures)[number][],
  };
  hasLayers = false;
  readonly others = new Map(OTHERS.map((run) => [run, [] as MetricsRecord[]]));
  readonly overlaid = new Map<string, RunModel>();
  readonly updates: number[] = [];
  status: RunStatus = 'running';
  model = this.readAll();
  panel = new RunStore();
  isVisible = false;
  /** The next message goes astray. */
  losesNext = false;
  readonly feed = new PanelFeed((message) => this.deliver(message), this.timer);

  constructor() {
    this.feed.show(this.model);
  }

  view() {
    return viewOfRun({ ...record, status: this.status }, '/runs/1');
  }

  readAll(): RunModel {
    const model = new RunModel(this.view());
    model.add(this.file);
    if (this.hasLayers) model.setLayers(layers);
    return model;
  }

  deliver(message: HostMessage): void {
    expect(this.isVisible, 'a hidden panel receives nothing').toBe(true);
    if (this.losesNext) {
      this.losesNext = false;
      return;
    }
    this.updates.push(this.timer.now());
    expect(piecesOf(message), 'a piece of memory is shared by all curves of a message').toBeLessThan(2);
    const read = readHostMessage(structuredClone(message));
    if (!read.ok) throw new Error(read.problem);
    const lost = this.panel.take(read.value);
    if (lost !== null) this.feed.resync();
  }

  write(records: RunRecords): void {
    this.model.add(records);
    this.feed.changed();
  }

  /** What the files of another run say of the metric that is drawn of it. */
  readOther(run: string): RunModel {
    const model = new RunModel(viewOfRun(record, run), (metric) => metric === 'loss');
    model.add({ metrics: this.others.get(run) ?? [] });
    return model;
  }

  layOver(runs: readonly string[]): void {
    for (const run of [...this.overlaid.keys()].filter((one) => !runs.includes(one))) {
      this.overlaid.delete(run);
      this.feed.dropOverlay(run);
    }
    this.panel.keepOverlays(runs);
    for (const run of runs.filter((one) => !this.overlaid.has(one))) this.readAgain(run);
  }

  readAgain(run: string): void {
    const model = this.readOther(run);
    this.overlaid.set(run, model);
    this.feed.overlay(run, model);
  }

  settle(): void {
    this.timer.advance(ROUNDS * MIN_MILLISECONDS_BETWEEN_UPDATES);
  }
}

function piecesOf(message: HostMessage): number {
  const told =
    message.type === 'snapshot' ? message.content : message.type === 'delta' ? message.changes : null;
  const columns = (told?.series ?? []).flatMap(({ steps, epochs, times, values }) => [
    ...[steps, epochs, times, values],
  ]);
  return new Set(columns.map(({ buffer }) => buffer)).size;
}

type Action = { readonly name: string; readonly do: (scene: Scene) => void };
const action = <T>(
  name: string,
  parameter: fc.Arbitrary<T>,
  act: (scene: Scene, value: T) => void,
): fc.Arbitrary<Action> =>
  parameter.map((value) => ({ name: `${name} ${JSON.stringify(value)}`, do: (scene) => act(scene, value) }));

const number: fc.Arbitrary<JsonNumber> = fc.oneof(
  { weight: 9, arbitrary: fc.double({ min: -10, max: 10, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom<JsonNumber>('NaN', 'Infinity', '-Infinity') },
);
const burst = fc.record({
  count: fc.integer({ min: 1, max: 900 }),
  stride: fc.integer({ min: 0, max: 3 }),
  values: fc.array(number, { minLength: 1, maxLength: 5 }),
  phase: fc.constantFrom('student', 'baseline'),
});

const actions = fc.oneof(
  {
    weight: 6,
    arbitrary: action('append', burst, (scene, { count, stride, values, phase }) => {
      const { metrics } = scene.file;
      const added: MetricsRecord[] = [];
      let step = metrics.findLast((one) => one.phase === phase)?.step ?? 0;
      for (let index = 0; index < count; index += 1) {
        step += stride;
        const value = values[index % values.length] ?? 0;
        added.push({
          seq: metrics.length + index,
          time: 1,
          phase,
          seed: 1,
          epoch: 0,
          step,
          split: 'train',
          values: { loss: value },
        });
      }
      metrics.push(...added);
      scene.write({ metrics: added });
    }),
  },
  {
    weight: 2,
    arbitrary: action('measure', fc.nat(5), (scene, index) => {
      const [gapRecord, table, event] = [gap[index], similarity[index], events[index % events.length]];
      if (!gapRecord || !table || !event) return;
      scene.file.gap.push(gapRecord);
      scene.file.similarity.push(table);
      scene.file.events.push(event);
      scene.write({ gap: [gapRecord], similarity: [table], events: [event] });
    }),
  },
  {
    weight: 1,
    arbitrary: action('draw', fc.nat(pictures.length - 1), (scene, index) => {
      const [picture] = pictures.slice(index);
      if (!picture) return;
      scene.file.pictures.push(picture);
      scene.write({ pictures: [picture] });
    }),
  },
  {
    weight: 1,
    arbitrary: action('compare layers', fc.constant(null), (scene) => {
      scene.hasLayers = true;
      scene.model.setLayers(layers);
      scene.feed.changed();
    }),
  },
  {
    weight: 1,
    arbitrary: action('cut back', fc.double({ min: 0, max: 1, noNaN: true }), (scene, share) => {
      for (const records of Object.values(scene.file)) records.splice(Math.floor(records.length * share));
      scene.model = scene.readAll();
      scene.feed.show(scene.model);
    }),
  },
  {
    weight: 2,
    arbitrary: action('lay over', fc.subarray(OTHERS), (scene, runs) => scene.layOver(runs)),
  },
  {
    weight: 3,
    arbitrary: action(
      'append to another',
      fc.record({ run: fc.constantFrom(...OTHERS), count: fc.integer({ min: 1, max: 300 }), value: number }),
      (scene, { run, count, value }) => {
        const records = scene.others.get(run) ?? [];
        const added = Array.from({ length: count }, (_, index): MetricsRecord => {
          const seq = records.length + index;
          const values = { loss: value, accuracy: 0.5 };
          return { seq, time: seq, phase: 'student', seed: 1, epoch: 0, step: seq, split: 'train', values };
        });
        records.push(...added);
        scene.overlaid.get(run)?.add({ metrics: added });
        scene.feed.changed();
      },
    ),
  },
  {
    weight: 1,
    arbitrary: action('cut another back', fc.constantFrom(...OTHERS), (scene, run) => {
      scene.others.get(run)?.splice(3);
      if (scene.overlaid.has(run)) scene.readAgain(run);
    }),
  },
  {
    weight: 2,
    arbitrary: action('hide', fc.constant(null), (scene) => {
      scene.feed.setLive(false);
      scene.isVisible = false;
      scene.panel = new RunStore();
    }),
  },
  {
    weight: 3,
    arbitrary: action('show', fc.constant(null), (scene) => {
      if (scene.isVisible) return;
      scene.isVisible = true;
      scene.feed.setLive(true);
    }),
  },
  {
    weight: 1,
    arbitrary: action('reload', fc.constant(null), (scene) => {
      if (!scene.isVisible) return;
      scene.panel = new RunStore();
      scene.feed.setLive(true);
    }),
  },
  {
    weight: 1,
    arbitrary: action('reconnect', fc.constant(null), (scene) => {
      scene.model = scene.readAll();
      scene.feed.show(scene.model);
    }),
  },
  {
    weight: 1,
    arbitrary: action(
      'status',
      fc.constantFrom<RunStatus>('running', 'paused', 'completed'),
      (scene, status) => {
        scene.status = status;
        scene.model.setRun(scene.view());
        scene.feed.changed();
      },
    ),
  },
  {
    weight: 4,
    arbitrary: action('wait', fc.integer({ min: 1, max: 250 }), (scene, time) => scene.timer.advance(time)),
  },
);

const LOSS = { kind: 'metric', metric: 'loss' } as const;
const OPTIONS = { seed: null, axis: 'step', spread: 'range', smoothing: 0.6 } as const;

test('whatever happens, a panel in sight shows what the files say', () => {
  fc.assert(
    fc.property(fc.array(actions, { maxLength: 40 }), (all) => {
      const scene = new Scene();
      for (const one of all) one.do(scene);
      if (!scene.isVisible) {
        scene.isVisible = true;
        scene.feed.setLive(true);
      }
      scene.settle();
      const said = scene.readAll().snapshot();
      expect(scene.panel.content?.content()).toEqual(said);
      expect(linesOf(scene.panel.content ?? PanelContent.from(said), LOSS, OPTIONS)).toEqual(
        linesOf(PanelContent.from(said), LOSS, OPTIONS),
      );
      expect([...scene.panel.overlays.keys()].sort()).toEqual([...scene.overlaid.keys()].sort());
      for (const [run, content] of scene.panel.overlays) {
        expect(content.content()).toEqual(scene.readOther(run).snapshot());
      }
    }),
    { numRuns: counts({ test: 150, soak: 5_000 }), seed: 5 },
  );
});

test('at most ten updates a second reach the panel', () => {
  fc.assert(
    fc.property(fc.array(burst, { minLength: 5, maxLength: 30 }), (bursts) => {
      const scene = new Scene();
      scene.isVisible = true;
      scene.feed.setLive(true);
      bursts.forEach(({ values }, seq) => {
        scene.write({
          metrics: [
            {
              seq,
              time: 1,
              phase: 'p',
              seed: 1,
              epoch: 0,
              step: seq,
              split: 'train',
              values: { loss: values[0] },
            },
          ],
        });
        scene.timer.advance(17);
      });
      scene.settle();
      const gaps = scene.updates.slice(1).map((time, index) => time - (scene.updates[index] ?? 0));
      expect(Math.min(Infinity, ...gaps)).toBeGreaterThanOrEqual(MIN_MILLISECONDS_BETWEEN_UPDATES);
      expect(
        scene.panel.content?.points({ phase: 'p', seed: 1, split: 'train', metric: 'loss' }),
      ).toHaveLength(bursts.length);
    }),
    { numRuns: 30, seed: 6 },
  );
});

test('a lost delta is noticed, and the panel is right again', () => {
  const scene = new Scene();
  scene.isVisible = true;
  scene.feed.setLive(true);
  const point = (seq: number) => ({
    metrics: [
      { seq, time: 1, phase: 'p', seed: 1, epoch: 0, step: seq, split: 'train', values: { loss: seq } },
    ],
  });
  scene.write(point(0));
  scene.settle();
  scene.losesNext = true;
  scene.write(point(1));
  scene.settle();
  scene.write(point(2));
  scene.settle();
  expect(
    scene.panel.content
      ?.points({ phase: 'p', seed: 1, split: 'train', metric: 'loss' })
      .map(({ value }) => value),
  ).toEqual([0, 1, 2]);
});

test('a flood that is too large for a delta comes as a snapshot', () => {
  const scene = new Scene();
  scene.isVisible = true;
  scene.feed.setLive(true);
  const metrics = Array.from({ length: 30_000 }, (_, seq) => ({
    seq,
    time: 1,
    phase: 'p',
    seed: 1,
    epoch: 0,
    step: seq,
    split: 'train',
    values: { loss: seq % 7 },
  }));
  scene.write({ metrics });
  scene.settle();
  expect(
    scene.panel.content?.points({ phase: 'p', seed: 1, split: 'train', metric: 'loss' }).at(-1)?.step,
  ).toBe(29_999);
});

test('many runs are laid over bit by bit, and never more often than ten times a second', () => {
  const scene = new Scene();
  const runs = Array.from({ length: 120 }, (_, index) => `/runs/many/${index}`);
  const metrics = Array.from({ length: 1_500 }, (_, seq): MetricsRecord => {
    const values = { loss: (seq * 7919) % 1000 };
    return { seq, time: seq, phase: 'student', seed: 1, epoch: 0, step: seq, split: 'train', values };
  });
  for (const run of runs) scene.others.set(run, metrics);
  scene.isVisible = true;
  scene.feed.setLive(true);
  scene.layOver(runs);
  scene.timer.advance(3_000);
  expect(scene.panel.overlays.size).toBe(runs.length);
  const rounds = [...new Set(scene.updates)];
  expect(rounds.length).toBeGreaterThan(2);
  const gaps = rounds.slice(1).map((time, index) => time - (rounds[index] ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(MIN_MILLISECONDS_BETWEEN_UPDATES);
});

test('a run that can no longer be read leaves the charts', () => {
  const scene = new Scene();
  scene.isVisible = true;
  scene.feed.setLive(true);
  scene.layOver(OTHERS);
  scene.settle();
  expect(scene.panel.overlays.size).toBe(2);
  scene.feed.overlay('/runs/2', null);
  scene.settle();
  expect([...scene.panel.overlays.keys()]).toEqual(['/runs/3']);
});

test('a run laid over is told of twice a second at most, and the run shown never waits for it', () => {
  const timer = new HandTimer();
  const told: Record<'shown' | 'other', number[]> = { shown: [], other: [] };
  const feed = new PanelFeed((message) => {
    const isOther = message.type !== 'welcome' && 'overlay' in message;
    told[isOther ? 'other' : 'shown'].push(timer.now());
  }, timer);
  const models = ['/runs/1', '/runs/2'].map(
    (directory) => new RunModel(viewOfRun({ ...record, status: 'running' }, directory)),
  );
  const [shown, other] = models;
  if (shown === undefined || other === undefined) throw new Error('there are two');
  feed.setLive(true);
  feed.show(shown);
  feed.overlay('/runs/2', other);
  for (let seq = 0; seq < 150; seq += 1) {
    const values = { loss: seq };
    for (const model of models)
      model.add({
        metrics: [{ seq, time: seq, phase: 'student', seed: 1, epoch: 0, step: seq, split: 'train', values }],
      });
    feed.changed();
    timer.advance(20);
  }
  const gapsOf = (times: readonly number[]) => times.slice(1).map((time, at) => time - (times[at] ?? 0));
  expect(Math.min(...gapsOf(told.shown))).toBeGreaterThanOrEqual(MIN_MILLISECONDS_BETWEEN_UPDATES);
  expect(Math.max(...gapsOf(told.shown))).toBeLessThanOrEqual(2 * MIN_MILLISECONDS_BETWEEN_UPDATES);
  expect(Math.min(...gapsOf(told.other))).toBeGreaterThanOrEqual(500);
  expect(told.other.length).toBeGreaterThanOrEqual(5);
  timer.advance(1_000);
  // All that has come is told in the end.
  expect([shown.hasChanges, other.hasChanges]).toEqual([false, false]);
});
