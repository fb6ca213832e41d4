import { element } from './dom.ts';

/** Nothing to show: what it is, and the next step. */
export function emptyState(
  heading: 'h1' | 'h2',
  title: string,
  help: string,
  ...actions: readonly HTMLElement[]
): HTMLElement {
  return element(
    'div',
    { class: 'empty' },
    element(heading, {}, title),
    element('p', {}, help),
    ...(actions.length > 0 ? [element('div', { class: 'actions' }, ...actions)] : []),
  );
}
