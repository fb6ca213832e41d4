import { RunModel } from '../../../src/extension/panel/run-model.ts';
import { summaryOfRun, viewOfRun } from '../../../src/extension/panel/run-view.ts';
import type { HostMessage } from '../../../src/protocol/panel.ts';
import { PANEL_PROTOCOL } from '../../../src/protocol/panel.ts';
import type { SampleRun } from '../sample-run.ts';

export const WELCOME: HostMessage = { type: 'welcome', version: PANEL_PROTOCOL };

/** Messages by which the host shows a run. */
export function showing(run: SampleRun, stream = 1): HostMessage[] {
  return [WELCOME, listing(run), snapshotOf(modelOf(run), stream)];
}

export function listing(...runs: readonly SampleRun[]): HostMessage {
  return {
    type: 'runs',
    runs: runs.map(({ record }) => summaryOfRun(record, directoryOf(record.id))),
    config: 'mnist.kd.yaml',
    trusted: true,
  };
}

export function modelOf(run: SampleRun): RunModel {
  const model = new RunModel(viewOfRun(run.record, directoryOf(run.record.id), run.verdict));
  const { metrics, gap, similarity, events, pictures = [] } = run;
  model.add({ metrics, gap, similarity, events, pictures });
  model.setLayers(run.layers);
  return model;
}

export function snapshotOf(model: RunModel, stream = 1): HostMessage {
  return { type: 'snapshot', stream, through: model.through, content: model.snapshot() };
}

export function directoryOf(id: string): string {
  return `/home/ada/digits/.kd/runs/${id}`;
}
