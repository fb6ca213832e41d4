import type { PanelContent } from '../src/protocol/panel-content.ts';
import type { RunStatus } from '../src/protocol/records.ts';
import { CompareView } from './compare/compare-view.ts';
import { compareStrings } from './compare/strings.ts';
import { CurvesView } from './curves/curves-view.ts';
import { DiagnosisView } from './diagnosis/diagnosis-view.ts';
import { element } from './dom.ts';
import { emptyState } from './empty-state.ts';
import { GapView } from './gap/gap-view.ts';
import { LayersView } from './layers/layers-view.ts';
import type { ViewId } from './memory.ts';
import { hasAnswerPictures, hasLayerPictures } from './pictures/pictures-data.ts';
import { answerPictures, layerPictures, WithPictures } from './pictures/pictures-view.ts';
import { RunWorkView } from './run/run-view.ts';
import { runStrings } from './run/strings.ts';
import { strings } from './strings.ts';
import { spinner } from './toolkit.ts';
import { verdictHelp, VerdictView } from './verdict/verdict-view.ts';
import type { Panel, View } from './view.ts';

const IS_OVER: readonly RunStatus[] = ['completed', 'failed', 'stopped', 'interrupted'];

/** A view, or what is said in its place while it has nothing to show. */
export class ViewSlot {
  readonly id: ViewId;
  readonly label: string;
  readonly element = element('div', { class: 'view' });
  readonly #view: View;
  readonly #emptyOf: (content: PanelContent) => Empty | null;
  #shownEmpty = '';

  constructor(id: ViewId, label: string, view: View, emptyOf: (content: PanelContent) => Empty | null) {
    this.id = id;
    this.label = label;
    this.#view = view;
    this.#emptyOf = emptyOf;
  }

  show(content: PanelContent): void {
    const empty = this.#emptyOf(content);
    const now = empty === null ? 'view' : JSON.stringify(empty);
    if (now !== this.#shownEmpty) {
      this.#shownEmpty = now;
      this.element.replaceChildren(empty === null ? this.#view.element : emptyElement(empty));
    }
    if (empty === null) this.#view.show(content);
  }

  retheme(): void {
    this.#view.retheme();
  }
}

interface Empty {
  readonly title: string;
  readonly help: string;
  readonly isWaiting: boolean;
}

function emptyElement({ title, help, isWaiting }: Empty): HTMLElement {
  const made = emptyState('h2', title, help);
  if (isWaiting) made.prepend(spinner());
  return made;
}

/** The views of the panel, in the order of their tabs. */
export function makeViews(panel: Panel): readonly ViewSlot[] {
  return [
    new ViewSlot('curves', strings.curves, new CurvesView(panel), (content) =>
      content.keys().length > 0
        ? null
        : emptyOf(content, strings.waitingTitle, strings.waitingHelp, strings.nothingRecordedHelp),
    ),
    new ViewSlot(
      'gap',
      strings.gap,
      new WithPictures(panel, new GapView(panel), hasGap, answerPictures(panel)),
      (content) =>
        hasGap(content) || hasAnswerPictures(content)
          ? null
          : emptyOf(content, strings.gapEmpty, strings.gapWaiting, strings.gapNever),
    ),
    new ViewSlot(
      'layers',
      strings.layers,
      new WithPictures(panel, new LayersView(panel), hasLayers, layerPictures(panel)),
      (content) =>
        hasLayers(content) || hasLayerPictures(content)
          ? null
          : emptyOf(content, strings.layersEmpty, strings.layersWaiting, strings.layersNever),
    ),
    new ViewSlot('diagnosis', strings.diagnosis, new DiagnosisView(panel), (content) =>
      content.keys().length > 0 || content.run.failure !== undefined
        ? null
        : emptyOf(content, strings.diagnosisEmpty, strings.waitingHelp, strings.nothingRecordedHelp),
    ),
    new ViewSlot('verdict', strings.verdict, new VerdictView(panel), (content) =>
      content.run.results !== undefined
        ? null
        : { title: strings.verdictEmpty, help: verdictHelp(content), isWaiting: false },
    ),
    new ViewSlot('compare', compareStrings.tab, new CompareView(panel), () => null),
    new ViewSlot('run', runStrings.tab, new RunWorkView(panel), () => null),
  ];
}

function hasGap({ gap }: PanelContent): boolean {
  return gap.length > 0;
}

function hasLayers({ similarity }: PanelContent): boolean {
  return similarity.length > 0;
}

/** Of one that was stopped without ever having started nothing was written, no log either. */
function hasBegun({ status, startedAt }: PanelContent['run']): boolean {
  return status !== 'stopped' || startedAt !== undefined;
}

function emptyOf({ run }: PanelContent, title: string, waiting: string, never: string): Empty {
  const isOver = IS_OVER.includes(run.status);
  return {
    title: isOver && title === strings.waitingTitle ? strings.nothingRecorded : title,
    help: isOver ? (hasBegun(run) ? never : strings.neverBegan) : waiting,
    isWaiting: !isOver,
  };
}
