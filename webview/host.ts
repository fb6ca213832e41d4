import type { HostMessage, PanelMessage, PanelRequest } from '../src/protocol/panel.ts';
import { REQUEST_TIMEOUT_MILLISECONDS } from '../src/protocol/panel.ts';
import { readHostMessage } from '../src/protocol/panel-shapes.ts';
import { strings } from './strings.ts';

interface VsCodeApi {
  postMessage(message: PanelMessage): void;
  getState(): unknown;
  setState(state: unknown): void;
}
declare function acquireVsCodeApi(): VsCodeApi;

/** These may wait for a person: a dialog, a question about trust. */
const PATIENT: readonly PanelRequest['type'][] = [
  'start',
  'stop',
  'resume',
  'exportCsv',
  'exportFile',
  'writeAblation',
  'measureGap',
  'exportRun',
  'report',
  'deleteRuns',
  'queue',
];

export interface Answer {
  readonly ok: boolean;
  readonly message: string;
}

/** The extension on the other side. */
export class Host {
  readonly #api = acquireVsCodeApi();
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #lastId = 0;

  /**
   * @param take every message that makes sense, but for answers to requests
   * @param refuse what makes none, and why
   */
  constructor(take: (message: HostMessage) => void, refuse: (message: unknown, problem: string) => void) {
    addEventListener('message', (event: MessageEvent<unknown>) => {
      const message = readHostMessage(event.data);
      if (!message.ok) {
        this.send({ type: 'problem', message: `a message was dropped: ${message.problem}`.slice(0, 2000) });
        refuse(event.data, message.problem);
      } else if (message.value.type === 'reply') this.#settle(message.value.id, message.value);
      else take(message.value);
    });
  }

  send(message: PanelMessage): void {
    this.#api.postMessage(message);
  }

  /** Asks the host to do something; resolves also where it does not answer in time. */
  ask(request: PanelRequest): Promise<Answer> {
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      const tooLate = () => this.#settle(id, { ok: false, message: strings.noAnswer });
      if (!PATIENT.includes(request.type)) setTimeout(tooLate, REQUEST_TIMEOUT_MILLISECONDS);
      this.send({ ...request, id });
    });
  }

  /** What the page remembers over a reload. */
  get memory(): unknown {
    return this.#api.getState();
  }
  set memory(state: unknown) {
    this.#api.setState(state);
  }

  #settle(id: number, answer: Answer): void {
    const resolve = this.#waiting.get(id);
    this.#waiting.delete(id);
    resolve?.(answer);
  }
}
