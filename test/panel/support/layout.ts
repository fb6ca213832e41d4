import type { Page } from 'playwright-core';

/**
 * What is wider than there is room for: elements that reach beyond the window and cannot be scrolled to, text that is cut off and
 * stands in full nowhere, and pictures whose pixels are not those of the screen.
 */
export function misplaced(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    const name = (one: Element) =>
      `${one.localName}${[...one.classList].map((item) => `.${item}`).join('')} “${one.textContent.trim().slice(0, 40)}”`;
    /** Next further out, also through the controls of the toolkit. */
    const around = (one: Element): Element | null => {
      const root = one.getRootNode();
      return one.assignedSlot ?? one.parentElement ?? (root instanceof ShadowRoot ? root.host : null);
    };
    const scrolls = (one: Element) => /auto|scroll/u.test(getComputedStyle(one).overflowX);
    const isInScroller = (one: Element) => {
      for (let outer = around(one); outer !== null; outer = around(outer)) if (scrolls(outer)) return true;
      return false;
    };
    const clips = (one: Element) => /hidden|clip/u.test(getComputedStyle(one).overflowX);
    /** What cuts an element off, where it cannot be scrolled to. */
    const clipping = (one: Element): Element | null => {
      for (let outer = around(one); outer !== null && !scrolls(outer); outer = around(outer))
        if (clips(outer)) return outer;
      return null;
    };
    /** With dots, and in full beside the pointer and for a screen reader. */
    const isShortened = (one: Element) => {
      const shortened = [one, around(one)].some(
        (each) => each !== null && getComputedStyle(each).textOverflow === 'ellipsis',
      );
      return shortened && one.closest('[title]') !== null;
    };
    if (document.documentElement.scrollWidth > innerWidth)
      found.push(`the page is ${document.documentElement.scrollWidth} wide`);
    for (const one of document.querySelectorAll('main *')) {
      // What is for screen readers alone has no room, and needs none.
      if (!one.checkVisibility() || one.closest('.spoken') !== null) continue;
      const { left, right, width } = one.getBoundingClientRect();
      if (width > 0 && (left < -1 || right > innerWidth + 1) && !isInScroller(one))
        found.push(`beyond the window: ${name(one)} from ${left.toFixed(0)} to ${right.toFixed(0)}`);
      const clip = clipping(one);
      if (clip !== null && !isShortened(one)) {
        const edge = clip.getBoundingClientRect();
        if (width > 0 && (left < edge.left - 1 || right > edge.right + 1))
          found.push(`cut off: ${name(one)} from ${left.toFixed(0)} to ${right.toFixed(0)} in ${name(clip)}`);
      }
      // Text of its own; what one types scrolls by itself.
      const isCut = clips(one) && one.childElementCount === 0 && one.scrollWidth > one.clientWidth + 1;
      if (isCut && !isShortened(one) && !(one instanceof HTMLInputElement))
        found.push(`cut off: ${name(one)}, ${one.scrollWidth} in ${one.clientWidth}`);
      if (one instanceof HTMLCanvasElement && one.closest('.chart-area') !== null) {
        const ratio = one.width / one.clientWidth;
        if (Math.abs(ratio / devicePixelRatio - 1) > 0.02)
          found.push(`blurred: ${ratio.toFixed(2)} pixels where the screen has ${devicePixelRatio}`);
      }
    }
    return found;
  });
}
