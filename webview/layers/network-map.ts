import type { LayerFact, LayerMeeting, LayerPairNames } from '../../src/protocol/records.ts';
import { element, setAttributes, svg } from '../dom.ts';
import type { Saved } from '../save.ts';
import { strings } from '../strings.ts';
import { shapeText } from './pair-list.ts';
import { savedNetworks } from './saved-networks.ts';

type Role = 'teacher' | 'student';
const ROLES: readonly Role[] = ['teacher', 'student'];

/** Height of a layer, in pixels; of the longer network. */
const ROW = 28;
/** Width of the space between in units of the drawing, whatever it is in pixels. */
const BETWEEN = 100;

interface Picked {
  readonly role: Role;
  readonly name: string;
}

/** Both networks side by side, layer below layer, and a line for each chosen pair. */
export class NetworkMap {
  readonly element: HTMLElement;
  readonly #onToggle: (pair: LayerPairNames) => void;
  readonly #columns: Readonly<Record<Role, HTMLElement>>;
  readonly #lines = svg('svg', {
    class: 'network-lines',
    preserveAspectRatio: 'none',
    'aria-hidden': 'true',
  });
  #meeting: LayerMeeting | null = null;
  #chosen: readonly LayerPairNames[] = [];
  #picked: Picked | null = null;
  #current: Record<Role, number> = { teacher: 0, student: 0 };
  #known = '';

  constructor(onToggle: (pair: LayerPairNames) => void) {
    this.#onToggle = onToggle;
    const column = (role: Role) => {
      const label = role === 'teacher' ? strings.teacherLayers : strings.studentLayers;
      const made = element('ul', { class: `network network-${role}`, attributes: { 'aria-label': label } });
      made.addEventListener('click', (event) => this.#onClick(role, event.target));
      made.addEventListener('keydown', (event) => this.#onKey(role, event));
      return made;
    };
    this.#columns = { teacher: column('teacher'), student: column('student') };
    this.element = element(
      'div',
      { class: 'networks' },
      this.#columns.teacher,
      this.#lines,
      this.#columns.student,
    );
  }

  show(meeting: LayerMeeting, chosen: readonly LayerPairNames[]): void {
    this.#meeting = meeting;
    this.#chosen = chosen;
    const now = JSON.stringify([meeting.teacher, meeting.student, chosen, this.#picked]);
    if (now === this.#known) return;
    this.#known = now;
    const focused = this.#focused();
    const height = ROW * Math.max(meeting.teacher.layers.length, meeting.student.layers.length);
    for (const role of ROLES) {
      const column = this.#columns[role];
      column.style.blockSize = `${height}px`;
      this.#current[role] = Math.min(this.#current[role], meeting[role].layers.length - 1);
      column.replaceChildren(...meeting[role].layers.map((layer, index) => this.#layer(role, layer, index)));
    }
    this.#draw(meeting, height);
    if (focused !== null) this.#buttonAt(focused, this.#current[focused])?.focus();
  }

  /** What is shown now, for files; null: nothing. */
  get saved(): Saved | null {
    return this.#meeting === null ? null : savedNetworks(this.#meeting, this.#chosen);
  }

  #layer(role: Role, { name, shape, main }: LayerFact, index: number): HTMLElement {
    const others = this.#chosen.filter((pair) => pair[role] === name);
    const isPicked = this.#picked?.role === role && this.#picked.name === name;
    const spoken =
      others.length === 0
        ? strings.layerAlone(name, shapeText(shape))
        : strings.layerMatched(
            name,
            shapeText(shape),
            others.map((pair) => pair[role === 'teacher' ? 'student' : 'teacher']).join(', '),
          );
    const made = element(
      'button',
      {
        class: ['network-layer', main ? 'main' : '', others.length > 0 ? 'matched' : ''].join(' ').trim(),
        attributes: {
          type: 'button',
          'aria-pressed': isPicked ? 'true' : 'false',
          'aria-label': spoken,
          title: spoken,
          tabindex: index === this.#current[role] ? 0 : -1,
        },
      },
      name,
    );
    made.dataset['index'] = String(index);
    return element('li', {}, made);
  }

  /** From the middle of each layer to the middle of the other: the layers of a network share its height evenly. */
  #draw({ teacher, student }: LayerMeeting, height: number): void {
    const middle = (layers: readonly LayerFact[], name: string) =>
      ((layers.findIndex((layer) => layer.name === name) + 0.5) / layers.length) * height;
    setAttributes(this.#lines, { viewBox: `0 0 ${BETWEEN} ${height}` });
    this.#lines.style.blockSize = `${height}px`;
    this.#lines.replaceChildren(
      ...this.#chosen.map((pair) =>
        svg('line', {
          class: 'network-line',
          x1: 0,
          y1: middle(teacher.layers, pair.teacher),
          x2: BETWEEN,
          y2: middle(student.layers, pair.student),
        }),
      ),
    );
  }

  #onClick(role: Role, target: EventTarget | null): void {
    const index = indexOf(target);
    const layer = index === null ? undefined : this.#meeting?.[role].layers[index];
    if (index === null || layer === undefined || this.#meeting === null) return;
    this.#current[role] = index;
    const picked = this.#picked;
    if (picked !== null && picked.role !== role) {
      this.#picked = null;
      const pair =
        role === 'teacher'
          ? { teacher: layer.name, student: picked.name }
          : { teacher: picked.name, student: layer.name };
      this.show(this.#meeting, this.#chosen);
      this.#onToggle(pair);
      return;
    }
    const isAgain = picked?.name === layer.name;
    this.#picked = isAgain ? null : { role, name: layer.name };
    this.show(this.#meeting, this.#chosen);
  }

  #onKey(role: Role, event: KeyboardEvent): void {
    const meeting = this.#meeting;
    const index = indexOf(event.target);
    if (meeting === null || index === null) return;
    const last = meeting[role].layers.length - 1;
    const other = role === 'teacher' ? 'student' : 'teacher';
    const across = Math.round((index / Math.max(1, last)) * (meeting[other].layers.length - 1));
    const moves: Readonly<Record<string, readonly [Role, number]>> = {
      ArrowUp: [role, Math.max(0, index - 1)],
      ArrowDown: [role, Math.min(last, index + 1)],
      Home: [role, 0],
      End: [role, last],
      ArrowLeft: ['teacher', role === 'teacher' ? index : across],
      ArrowRight: ['student', role === 'student' ? index : across],
    };
    const move = moves[event.key];
    if (move === undefined) return;
    event.preventDefault();
    this.#moveTo(...move);
  }

  #moveTo(role: Role, index: number): void {
    this.#buttonAt(role, this.#current[role])?.setAttribute('tabindex', '-1');
    this.#current[role] = index;
    const next = this.#buttonAt(role, index);
    next?.setAttribute('tabindex', '0');
    next?.focus();
  }

  #focused(): Role | null {
    return ROLES.find((role) => this.#columns[role].contains(document.activeElement)) ?? null;
  }

  #buttonAt(role: Role, index: number): HTMLElement | null {
    return this.#columns[role].querySelector<HTMLElement>(`button[data-index="${index}"]`);
  }
}

function indexOf(target: EventTarget | null): number | null {
  const found = target instanceof Element ? target.closest<HTMLElement>('button[data-index]') : null;
  return found === null ? null : Number(found.dataset['index']);
}
