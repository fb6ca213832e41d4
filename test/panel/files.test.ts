import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { RunModel } from '../../src/extension/panel/run-model.ts';
import { viewOfRun } from '../../src/extension/panel/run-view.ts';
import type { RunRecord } from '../../src/protocol/records.ts';
import { counts } from '../support/counts.ts';
import { sampleRun } from './sample-run.ts';
import { directoryOf, listing, snapshotOf, WELCOME } from './support/host-messages.ts';
import type { OpenPanel } from './support/stand.ts';
import { standOfFile } from './support/stand-of-file.ts';
import { VIEWS, wholeRun, type WholeRun } from './support/whole.ts';

/** `test/extension/panel/replay.test.ts` proves the same of what the page holds; here of what it draws, in every tab. */
const stand = standOfFile();
let whole: WholeRun;
beforeAll(async () => {
  whole = await wholeRun();
});

/** So many pieces make the whole run. */
const PIECES = 5;

type Stream = 'metrics' | 'gap' | 'similarity' | 'events' | 'pictures';
const STREAMS: readonly Stream[] = ['metrics', 'gap', 'similarity', 'events', 'pictures'];

/** The files of a run that grows and is cut back, and a page that is told of it and now and then looked at. */
class Scene {
  readonly #panel: OpenPanel;
  readonly #written: Record<Stream, number> = { metrics: 0, gap: 0, similarity: 0, events: 0, pictures: 0 };
  #record: RunRecord = sampleRun({ status: 'running', done: 0.1 }).record;
  #hasLayers = false;
  #model = this.#read();
  #stream = 0;
  #through = -1;

  constructor(panel: OpenPanel) {
    this.#panel = panel;
  }

  /** What the files say now. */
  #read(): RunModel {
    const model = new RunModel(this.#view());
    for (const stream of STREAMS) model.add({ [stream]: this.#all(stream).slice(0, this.#written[stream]) });
    if (this.#hasLayers) model.setLayers(whole.run.layers);
    return model;
  }

  #view() {
    const { verdict } = whole.run;
    const isOver = this.#record.status === 'completed';
    return viewOfRun(this.#record, directoryOf(this.#record.id), isOver ? verdict : null);
  }

  #all(stream: Stream): readonly object[] {
    return stream === 'pictures' ? whole.pictures : whole.run[stream];
  }

  async write(stream: Stream): Promise<void> {
    const all = this.#all(stream);
    const from = this.#written[stream];
    this.#written[stream] = Math.min(all.length, from + Math.ceil(all.length / PIECES));
    this.#model.add({ [stream]: all.slice(from, this.#written[stream]) });
    await this.#tell();
  }

  async end(): Promise<void> {
    this.#record = whole.run.record;
    this.#model.setRun(this.#view());
    this.#hasLayers = true;
    this.#model.setLayers(whole.run.layers);
    await this.#tell();
  }

  async cutBack(stream: Stream): Promise<void> {
    this.#written[stream] = Math.floor(this.#written[stream] / 2);
    this.#model = this.#read();
    await this.show();
  }

  async reload(): Promise<void> {
    await this.#panel.reload();
    await this.#panel.post(WELCOME, listing(whole.run));
    await this.show();
  }

  async show(): Promise<void> {
    this.#stream += 1;
    this.#through = this.#model.through;
    await this.#panel.post(snapshotOf(this.#model, this.#stream));
  }

  async #tell(): Promise<void> {
    if (!this.#model.hasChanges) return;
    const after = this.#through;
    this.#through = this.#model.through;
    const [stream, changes] = [this.#stream, this.#model.takeChanges()];
    await this.#panel.post({ type: 'delta', stream, after, through: this.#through, changes });
  }

  async look(view: string): Promise<void> {
    await this.#panel.tab(view);
    await this.#panel.post(...whole.beside);
  }

  /** A page that is told what the files say now, and nothing else before. */
  async fresh(): Promise<OpenPanel> {
    const panel = await stand.page();
    await panel.post(WELCOME, listing(whole.run), snapshotOf(this.#read()));
    return panel;
  }
}

type Action = { readonly name: string; readonly act: (scene: Scene) => Promise<void> };
const action = (name: string, act: Action['act']): Action => ({ name, act });
const stream = fc.constantFrom(...STREAMS);
const actions = fc.oneof(
  { weight: 6, arbitrary: stream.map((of) => action(`write ${of}`, (scene) => scene.write(of))) },
  {
    weight: 4,
    arbitrary: fc
      .constantFrom(...VIEWS)
      .map((view) => action(`look at ${view}`, (scene) => scene.look(view))),
  },
  { weight: 2, arbitrary: stream.map((of) => action(`cut ${of}`, (scene) => scene.cutBack(of))) },
  { weight: 1, arbitrary: fc.constant(action('end', (scene) => scene.end())) },
  { weight: 1, arbitrary: fc.constant(action('reload', (scene) => scene.reload())) },
);

/** All that is to be seen and heard of a view: its words, names, pictures and shades. */
async function seen(panel: OpenPanel, view: string): Promise<unknown> {
  await panel.tab(view);
  await panel.post(...whole.beside);
  return panel.page.evaluate((id) => {
    const shown = [...document.querySelectorAll(`#view-${id} *`)].filter((one) => one.checkVisibility());
    return {
      text: document.querySelector<HTMLElement>(`#view-${id}`)?.innerText,
      names: shown.flatMap((one) => one.getAttribute('aria-label') ?? []),
      shades: shown.flatMap((one) => (one instanceof HTMLTableCellElement ? one.style.backgroundColor : [])),
      drawn: shown.flatMap((one) => (one.localName === 'svg' ? one.innerHTML : [])),
      pictures: shown.flatMap((one) => (one instanceof HTMLCanvasElement ? one.toDataURL() : [])),
    };
  }, view.toLowerCase());
}

test('whatever a page has gone through, every tab shows what a fresh page shows of the same files', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(actions, { minLength: 8, maxLength: 16 }), async (all) => {
      const panel = await stand.page();
      const scene = new Scene(panel);
      await panel.post(WELCOME, listing(whole.run));
      await scene.show();
      for (const { act } of all) await act(scene);
      for (const of of STREAMS) await scene.write(of);
      const fresh = await scene.fresh();
      for (const view of VIEWS)
        expect(await seen(panel, view), `${view} after ${all.map(({ name }) => name).join(', ')}`).toEqual(
          await seen(fresh, view),
        );
      expect([panel.faults, fresh.faults]).toEqual([[], []]);
      await panel.close();
      await fresh.close();
    }),
    { seed: 11, numRuns: counts({ test: 2, soak: 300 }), endOnFailure: true },
  );
});
