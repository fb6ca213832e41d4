import { channelsOf, luminance, readPalette, type ColorName } from './theme.ts';

export type Shader = (value: number) => { readonly background: string; readonly text: string };

/** From the background of the editor to a colour of the theme, by a value 0..1; black or white on it, whichever reads better. */
export function shader(color: ColorName): Shader {
  const palette = readPalette();
  const [low, high] = [channelsOf(palette.background), channelsOf(palette.series[color])];
  return (value) => {
    const share = Number.isFinite(value) ? Math.min(1, Math.max(0, value)) : 0;
    const mixed = low.map((channel, index) => Math.round(channel + share * ((high[index] ?? 0) - channel)));
    const [red = 0, green = 0, blue = 0] = mixed;
    const light = luminance([red, green, blue]);
    // Contrast with white is (1 + 0.05) / (L + 0.05), with black (L + 0.05) / 0.05.
    const isDark = 1.05 / (light + 0.05) > (light + 0.05) / 0.05;
    return { background: `rgb(${red} ${green} ${blue})`, text: isDark ? '#ffffff' : '#000000' };
  };
}
