/** What an element may be given: attributes as text, listeners, and children. Text is always text, never markup. */
export interface Given {
  readonly class?: string;
  readonly on?: Readonly<Record<string, (event: Event) => void>>;
  readonly attributes?: Readonly<Record<string, string | number | boolean>>;
}
export type Child = Node | string | null;

/** Makes an element. Strings become text nodes, so a hostile name is only ever shown. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  given: Given = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (given.class !== undefined) made.className = given.class;
  setAttributes(made, given.attributes ?? {});
  for (const [type, listener] of Object.entries(given.on ?? {})) made.addEventListener(type, listener);
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** Puts these children in this order. Those that stand where they should are not touched, and none loses the focus. */
export function setChildren(parent: Element, children: readonly Element[]): void {
  const focused = document.activeElement;
  const wanted = new Set(children);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  children.forEach((child, index) => {
    const there = parent.children[index];
    if (there !== child) parent.insertBefore(child, there ?? null);
  });
  if (focused !== document.activeElement && focused instanceof HTMLElement && parent.contains(focused))
    focused.focus();
}

/** `true` sets a bare attribute, `false` removes it. What is as it should be is left alone. */
export function setAttributes(
  target: Element,
  attributes: Readonly<Record<string, string | number | boolean>>,
): void {
  for (const [name, value] of Object.entries(attributes)) {
    const text = value === true ? '' : String(value);
    if (value === false) target.removeAttribute(name);
    else if (target.getAttribute(name) !== text) target.setAttribute(name, text);
  }
}

/** Changes the text only where it differs, so that a screen reader and a selection are left alone. */
export function setText(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

export function setHidden(target: HTMLElement, isHidden: boolean): void {
  if (target.hidden !== isHidden) target.hidden = isHidden;
}

const SVG = 'http://www.w3.org/2000/svg';

export function svg(
  tag: string,
  attributes: Readonly<Record<string, string | number | boolean>>,
  ...children: readonly Node[]
): SVGElement {
  const made = document.createElementNS(SVG, tag);
  setAttributes(made, attributes);
  made.append(...children);
  return made;
}
