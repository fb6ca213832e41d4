/** Names of the colours that charts are drawn in; each follows the theme of the editor. */
export type ColorName = 'blue' | 'orange' | 'green' | 'purple' | 'red' | 'yellow' | 'foreground';

export interface Palette {
  readonly series: Readonly<Record<ColorName, string>>;
  readonly foreground: string;
  readonly muted: string;
  readonly background: string;
  readonly grid: string;
  readonly tooltipBackground: string;
  readonly tooltipBorder: string;
  readonly fontFamily: string;
  readonly fontSize: number;
  readonly isHighContrast: boolean;
}

export function readPalette(): Palette {
  const style = getComputedStyle(document.body);
  const value = (name: string, fallback: string) => {
    const found = style.getPropertyValue(`--vscode-${name}`).trim();
    return found === '' ? fallback : found;
  };
  const foreground = value('foreground', style.color);
  const isHighContrast = /high-contrast/u.test(document.body.className);
  return {
    series: {
      blue: value('charts-blue', foreground),
      orange: value('charts-orange', foreground),
      green: value('charts-green', foreground),
      purple: value('charts-purple', foreground),
      red: value('charts-red', foreground),
      yellow: value('charts-yellow', foreground),
      foreground,
    },
    foreground,
    muted: isHighContrast ? foreground : value('descriptionForeground', foreground),
    background: value('editor-background', style.backgroundColor),
    grid: isHighContrast
      ? value('contrastBorder', foreground)
      : value('editorIndentGuide-background1', foreground),
    tooltipBackground: value(
      'editorHoverWidget-background',
      value('editor-background', style.backgroundColor),
    ),
    tooltipBorder: value('editorHoverWidget-border', foreground),
    fontFamily: value('font-family', 'sans-serif'),
    fontSize: Math.max(9, Number.parseFloat(value('font-size', '13px')) - 2),
    isHighContrast,
  };
}

/** Calls back when the editor changes its theme: it rewrites the variables on the root and the class of the body. */
export function onThemeChange(call: () => void): void {
  const observer = new MutationObserver(call);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style', 'class'] });
  observer.observe(document.body, { attributes: true, attributeFilter: ['class', 'data-vscode-theme-kind'] });
}

/** Red, green, blue (0..255) of any colour that CSS knows. */
export function channelsOf(color: string): readonly [number, number, number] {
  const context = (scratch ??= document
    .createElement('canvas')
    .getContext('2d', { willReadFrequently: true }));
  if (!context) return [128, 128, 128];
  context.clearRect(0, 0, 1, 1);
  context.fillStyle = '#808080';
  context.fillStyle = color;
  context.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data;
  return [red, green, blue];
}
let scratch: CanvasRenderingContext2D | null = null;

/** The same colour, partly transparent: what matters more stands out. */
export function faded(color: string, alpha: number): string {
  const key = `${color} ${alpha}`;
  const made = fadedColors.get(key) ?? `rgba(${channelsOf(color).join(', ')}, ${alpha})`;
  fadedColors.set(key, made);
  return made;
}
const fadedColors = new Map<string, string>();

/** Relative luminance, WCAG 2.2. */
export function luminance([red, green, blue]: readonly [number, number, number]): number {
  const linear = (channel: number) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}
