/** What a person does to a chart with a mouse, a pen, a finger or the keyboard. Places are in pixels of the chart. */
export interface Gestures {
  /** Nearer (`factor` < 1) or further along an axis; around a place, or around the middle. */
  readonly onZoom: (axis: 'x' | 'y', factor: number, around: number | null) => void;
  /** The picture is dragged by so many pixels. */
  readonly onPan: (across: number, down: number) => void;
  /** A box was drawn: show what is in it. */
  readonly onBox: (box: Box | null, isDone: boolean) => void;
  readonly onReset: () => void;
  readonly onPoint: (x: number, y: number) => void;
  readonly onLeave: () => void;
  /** Looks at another point: so many further, or the first or last. */
  readonly onStep: (by: number | 'first' | 'last') => void;
}

export interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** A step of the wheel, a key. */
const ZOOM = 1.25;
/** Pixels that the wheel may report in one step. */
const WHEEL_STEP = 100;
const PAN_PIXELS = 60;
/** Shorter boxes are clicks. */
const SMALLEST_BOX = 5;
const PAGE = 10;

/**
 * Mouse: drag draws a box to zoom into, drag with Shift moves, the wheel with Ctrl (or a pinch) zooms, a double click shows all.
 * Keys: arrows go from point to point, Shift with arrows moves, + and - zoom along x, * and / along y, 0 shows all.
 */
export function listenTo(canvas: HTMLCanvasElement, gestures: Gestures): void {
  canvas.addEventListener('wheel', (event) => onWheel(event, gestures), { passive: false });
  canvas.addEventListener('dblclick', () => gestures.onReset());
  canvas.addEventListener('keydown', (event) => onKey(event, gestures));
  canvas.addEventListener('blur', () => gestures.onLeave());
  canvas.addEventListener('pointerleave', () => gestures.onLeave());
  listenToDrags(canvas, gestures);
}

function onWheel(event: WheelEvent, { onZoom, onPan }: Gestures): void {
  const isAcross = Math.abs(event.deltaX) > Math.abs(event.deltaY);
  if (event.ctrlKey || event.metaKey) {
    event.preventDefault();
    onZoom('x', ZOOM ** Math.max(-2, Math.min(2, event.deltaY / WHEEL_STEP)), event.offsetX);
  } else if (event.shiftKey || isAcross) {
    event.preventDefault();
    onPan(-(isAcross ? event.deltaX : event.deltaY), 0);
  }
}

function listenToDrags(canvas: HTMLCanvasElement, { onPan, onBox, onPoint, onLeave }: Gestures): void {
  let drag: { x: number; y: number; readonly moves: boolean } | null = null;
  const boxTo = (event: PointerEvent): Box | null =>
    drag && {
      left: Math.min(drag.x, event.offsetX),
      right: Math.max(drag.x, event.offsetX),
      top: Math.min(drag.y, event.offsetY),
      bottom: Math.max(drag.y, event.offsetY),
    };
  canvas.addEventListener('pointerdown', (event) => {
    if (event.button > 1) return;
    canvas.setPointerCapture(event.pointerId);
    drag = { x: event.offsetX, y: event.offsetY, moves: event.shiftKey || event.button === 1 };
  });
  // A drag is the chart's own: the page marks no text with it, and the middle button does not scroll.
  canvas.addEventListener('mousedown', (event) => {
    event.preventDefault();
    canvas.focus({ preventScroll: true });
  });
  canvas.addEventListener('pointermove', (event) => {
    if (drag?.moves === true) {
      onPan(event.offsetX - drag.x, event.offsetY - drag.y);
      drag = { ...drag, x: event.offsetX, y: event.offsetY };
    } else if (drag) {
      onLeave();
      onBox(boxTo(event), false);
    } else onPoint(event.offsetX, event.offsetY);
  });
  const end = (event: PointerEvent) => {
    const box = drag?.moves === false ? boxTo(event) : null;
    const isBox = box !== null && Math.max(box.right - box.left, box.bottom - box.top) >= SMALLEST_BOX;
    if (drag?.moves === false) onBox(isBox && event.type === 'pointerup' ? box : null, true);
    drag = null;
  };
  canvas.addEventListener('pointerup', end);
  canvas.addEventListener('pointercancel', end);
}

function onKey(event: KeyboardEvent, gestures: Gestures): void {
  const act = event.ctrlKey || event.metaKey || event.altKey ? undefined : actionOf(event, gestures);
  if (act === undefined) return;
  event.preventDefault();
  act();
}

function actionOf({ key, shiftKey }: KeyboardEvent, gestures: Gestures): (() => void) | undefined {
  const { onStep, onPan, onZoom, onReset, onLeave } = gestures;
  const moves: Readonly<Record<string, readonly [number, number]>> = {
    ArrowRight: [-PAN_PIXELS, 0],
    ArrowLeft: [PAN_PIXELS, 0],
    ArrowUp: [0, PAN_PIXELS],
    ArrowDown: [0, -PAN_PIXELS],
  };
  const move = moves[key];
  if (shiftKey && move) return () => onPan(...move);
  const steps: Readonly<Record<string, number | 'first' | 'last'>> = {
    ArrowRight: 1,
    ArrowLeft: -1,
    PageDown: PAGE,
    PageUp: -PAGE,
    Home: 'first',
    End: 'last',
  };
  const step = steps[key];
  if (step !== undefined) return () => onStep(step);
  switch (key) {
    case '+':
    case '=':
      return () => onZoom('x', 1 / ZOOM, null);
    case '-':
      return () => onZoom('x', ZOOM, null);
    case '*':
      return () => onZoom('y', 1 / ZOOM, null);
    case '/':
      return () => onZoom('y', ZOOM, null);
    case '0':
      return onReset;
    case 'Escape':
      return onLeave;
    default:
      return undefined;
  }
}
