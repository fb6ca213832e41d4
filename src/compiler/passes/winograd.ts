import type { GraphNode, Value } from '../graph.ts';
import { convolutionWindow, type Window } from '../kernels/spatial.ts';
import { inputAt, onlyOutput } from '../node-access.ts';
import { axisSize, sizeOf } from '../shape.ts';
import type { Pass } from './pass.ts';
import { rewrite, type Editor } from './rewrite.ts';

/** A convolution, or one of its gradients, of so many images, channels and filters. */
export interface Convolution {
  readonly window: Window;
  readonly images: number;
  readonly channels: number;
  readonly filters: number;
}

/**
 * Convolutions with 3x3 windows, and both of their gradients, as products of matrices: Winograd's minimal filtering
 * F(2x2, 3x3). A tile of 2x2 results takes 16 products where windows take 36:
 *
 *     Y = Aᵀ [ (G w Gᵀ) · (Bᵀ d B) ] A        d: the 4x4 pixels that a tile sees, w: the filter's taps
 *
 * All tiles of a map are moved there and back by matrices, which hold the zeros around the map too: one for all pixels of a small
 * map, one for rows and one for columns of a larger one. The result differs by rounding alone (some 1e-6 of its largest number);
 * a number that is not finite spreads over its whole map.
 *
 * Source: Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (2016), section 4.1; the gradient of the filter is
 * the transpose of the same algorithm (inferred).
 *
 * @param pays which of them are written so; else they stay as they are
 */
export function winograd(pays: (convolution: Convolution) => boolean = isCheaper): Pass {
  return {
    name: 'winograd',
    apply: (graph) => {
      const matrices = new Map<string, Value>();
      return rewrite(graph, (node, editor) => {
        const convolution = convolutionOf(node);
        if (convolution === null || !hasTiles(convolution.window) || !pays(convolution)) return null;
        const tiles = new Tiles(editor, node, convolution, matrices);
        switch (node.kernel) {
          case 'Conv2D':
            return [tiles.result(inputAt(node, 'x'), inputAt(node, 'filter'))];
          case 'Conv2DBackpropInput':
            return [tiles.inputGradient(inputAt(node, 'dy'), inputAt(node, 'filter'))];
          default:
            return [tiles.filterGradient(inputAt(node, 'x'), inputAt(node, 'dy'))];
        }
      });
    },
  };
}

function convolutionOf(node: GraphNode): Convolution | null {
  const shapes = shapesOf(node);
  if (shapes === null || shapes.x.length !== 4) return null;
  const { x, filter } = shapes;
  return {
    window: convolutionWindow(x, filter, node.attributes),
    images: axisSize(x, 0),
    channels: axisSize(filter, 2),
    filters: axisSize(filter, 3),
  };
}

function shapesOf(node: GraphNode): { readonly x: Value['shape']; readonly filter: Value['shape'] } | null {
  switch (node.kernel) {
    case 'Conv2D':
      return { x: inputAt(node, 'x').shape, filter: inputAt(node, 'filter').shape };
    case 'Conv2DBackpropInput':
      return { x: onlyOutput(node).shape, filter: inputAt(node, 'filter').shape };
    case 'Conv2DBackpropFilter':
      return { x: inputAt(node, 'x').shape, filter: onlyOutput(node).shape };
    default:
      return null;
  }
}

/** True for windows of 3x3 pixels at every pixel of a map. */
function hasTiles({ kernel, strides, dilations, pads }: Window): boolean {
  const all = (numbers: readonly number[], wanted: number): boolean =>
    numbers.every((number) => number === wanted);
  return all(kernel, 3) && all(strides, 1) && all(dilations, 1) && all(pads, 1);
}

/**
 * What ways of computing take, in multiply-adds of windows far from the edge of a map; measured with ONNX Runtime on blocks of 16 channels
 * (AMD EPYC with AVX-512, 2 cores).
 */
const COST = {
  /** Columns of windows beyond those of a map, since windows at its edge run one by one. */
  edgeColumns: 0.4,
  product: 1.1,
  /** Of a move of all pixels by one matrix: each number is read or written for few. */
  moveAtOnce: 1.3,
  /** Of a move by rows, then columns. */
  moveByLines: 3,
  /** Of a number that is transposed, and not rectified where it is made. */
  perNumber: 100,
} as const;

/** What products may take of the time of windows: what is hardly faster is not worth its memory. */
const MOST = 0.8;

/** True where products and moves take clearly less than windows, which skip the zeros around the map. */
export function isCheaper({ window, images, channels, filters }: Convolution): boolean {
  const [height, width] = window.input;
  const [down, across] = tilesOf(window.input);
  const places = PLACES * down * across;
  const move = movesAtOnce(window.input)
    ? COST.moveAtOnce * height * width * places
    : COST.moveByLines * 4 * down * width * (height + 4 * across);
  const perNumber = images * (move + COST.perNumber * height * width);
  const perTap = images * COST.product * places + PLACES * TAPS;
  const windows = images * (3 * height - 2) * (3 * width + COST.edgeColumns) * channels * filters;
  return perTap * channels * filters + perNumber * (channels + filters) < MOST * windows;
}

/** Places of a tile's 4x4 pixels. */
const PLACES = 16;
const TAPS = 9;

/** Bᵀ, G and Aᵀ of F(2, 3). */
const OF_PIXELS = [
  [1, 0, -1, 0],
  [0, 1, 1, 0],
  [0, -1, 1, 0],
  [0, 1, 0, -1],
];
const OF_TAPS = [
  [1, 0, 0],
  [0.5, 0.5, 0.5],
  [0.5, -0.5, 0.5],
  [0, 0, 1],
];
const OF_RESULTS = [
  [1, 1, 1, 0],
  [0, 1, -1, -1],
];
/** A filter turned around has the same products at other places. */
const TURNED = [3, 1, 2, 0];

type MapSize = readonly [number, number];

/** Tiles of a map: down, across. */
function tilesOf([height, width]: MapSize): readonly [number, number] {
  return [Math.ceil(height / 2), Math.ceil(width / 2)];
}

/** True where one matrix moves a map, which beats one for rows and one for columns on few pixels. */
function movesAtOnce(map: MapSize): boolean {
  return sizeOf(map) <= 16;
}

/** Writes one convolution by tiles. Equal parts of its gradients are found equal by whoever reads the graph next. */
class Tiles {
  readonly #editor: Editor;
  readonly #node: GraphNode;
  readonly #of: Convolution;
  /** Matrices of the graph so far, each once. */
  readonly #matrices: Map<string, Value>;
  /** One matrix moves a map, and a product is of all its tiles; else two do, and it is of a row of them. */
  readonly #isSmall: boolean;

  constructor(editor: Editor, node: GraphNode, of: Convolution, matrices: Map<string, Value>) {
    this.#editor = editor;
    this.#node = node;
    this.#of = of;
    this.#matrices = matrices;
    this.#isSmall = movesAtOnce(of.window.input);
  }

  result(x: Value, filter: Value): Value {
    const { channels, filters } = this.#of;
    const products = this.#product(this.#moved('seen', x, channels), this.#filter(filter));
    return this.#movedBack(products, 'ofGradient', filters);
  }

  /** The filter turned around, its channels and filters swapped. */
  inputGradient(dy: Value, filter: Value): Value {
    const { channels, filters } = this.#of;
    const seen = this.#moved('seenTurned', dy, filters);
    const products = this.#product(seen, this.#filter(filter), { transposeB: true });
    return this.#movedBack(products, 'ofGradientTurned', channels);
  }

  filterGradient(x: Value, dy: Value): Value {
    const { channels, filters } = this.#of;
    const [seen, gradient] = [this.#moved('seen', x, channels), this.#moved('ofGradient', dy, filters)];
    const products = this.#product(seen, gradient, { transposeA: true });
    const groups = sizeOf(this.#batch) / PLACES;
    const flat = this.#reshape(products, [groups * PLACES, channels * filters]);
    // What rows of tiles have found is summed on the way to the taps.
    const toTaps = this.#matrix(`taps of ${groups}`, () => transposed(repeated(ofTaps(), groups)));
    return this.#reshape(this.#product(toTaps, flat), [3, 3, channels, filters]);
  }

  /** `[places, channels, filters]` */
  #filter(filter: Value): Value {
    const { channels, filters } = this.#of;
    const flat = this.#reshape(filter, [TAPS, channels * filters]);
    const places = this.#product(this.#matrix('places', ofTaps), flat);
    return this.#reshape(places, [PLACES, channels, filters]);
  }

  /** Products side by side: one a place, each for all tiles or for a row of them. */
  get #batch(): readonly number[] {
    const [down] = tilesOf(this.#of.window.input);
    return this.#isSmall ? [PLACES] : [down, PLACES];
  }

  /** `[...batch, tiles · images, channels]` of a map. */
  #moved(name: LineName, map: Value, channels: number): Value {
    const { images, window } = this.#of;
    const [height, width] = window.input;
    const [down, across] = tilesOf(window.input);
    const pixels = this.#editor.emit(this.#node, 'Transpose', [map], ['x'], { perm: [1, 2, 0, 3] });
    const line = images * channels;
    if (this.#isSmall) {
      const moved = this.#product(this.#both(name), this.#reshape(pixels, [height * width, line]));
      return this.#reshape(moved, [PLACES, down * across * images, channels]);
    }
    const rows = this.#product(this.#line(name, height, true), this.#reshape(pixels, [height, width * line]));
    const columns = this.#product(
      this.#line(name, width, false),
      this.#reshape(rows, [4 * down, width, line]),
    );
    return this.#reshape(columns, [down, PLACES, across * images, channels]);
  }

  /** The map that products at the places of its tiles make. */
  #movedBack(products: Value, name: LineName, channels: number): Value {
    const { images, window } = this.#of;
    const [height, width] = window.input;
    const [down, across] = tilesOf(window.input);
    const line = images * channels;
    const back = { transposeA: true };
    const made = (): Value => {
      if (this.#isSmall) {
        const flat = this.#reshape(products, [PLACES * down * across, line]);
        return this.#product(this.#both(name), flat, back);
      }
      const flat = this.#reshape(products, [4 * down, 4 * across, line]);
      const columns = this.#product(this.#line(name, width, false), flat, back);
      const rows = this.#reshape(columns, [4 * down, width * line]);
      return this.#product(this.#line(name, height, true), rows, back);
    };
    const pixels = this.#reshape(made(), [height, width, images, channels]);
    return this.#editor.emit(this.#node, 'Transpose', [pixels], ['x'], { perm: [2, 0, 1, 3] });
  }

  #product(
    a: Value,
    b: Value,
    turned: { readonly transposeA?: boolean; readonly transposeB?: boolean } = {},
  ): Value {
    const attributes = { transposeA: false, transposeB: false, ...turned };
    return this.#editor.emit(this.#node, 'BatchMatMul', [a, b], ['a', 'b'], attributes);
  }

  #reshape(value: Value, shape: readonly number[]): Value {
    return this.#editor.reshape(this.#node, value, shape);
  }

  #both(name: LineName): Value {
    const { input } = this.#of.window;
    return this.#matrix(`${name} ${input.join('x')}`, () => bothWays(input, LINES[name]));
  }

  #line(name: LineName, size: number, byTile: boolean): Value {
    return this.#matrix(`${name} ${size} ${byTile}`, () => oneWay(size, byTile, LINES[name]));
  }

  #matrix(key: string, make: () => Matrix): Value {
    const known = this.#matrices.get(key);
    if (known !== undefined) return known;
    const { rows, columns, data } = make();
    const made = this.#editor.constant({ shape: [rows, columns], dtype: 'float32' }, data);
    this.#matrices.set(key, made);
    return made;
  }
}

interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float32Array;
}

function matrixOf(rows: number, columns: number, at: (row: number, column: number) => number): Matrix {
  const data = Float32Array.from({ length: rows * columns }, (_, index) =>
    at(Math.floor(index / columns), index % columns),
  );
  return { rows, columns, data };
}

function transposed({ rows, columns, data }: Matrix): Matrix {
  return matrixOf(columns, rows, (row, column) => data[column * columns + row] ?? 0);
}

/** A matrix so often, one below the other. */
function repeated({ rows, columns, data }: Matrix, times: number): Matrix {
  return matrixOf(times * rows, columns, (row, column) => data[(row % rows) * columns + column] ?? 0);
}

/** What a place of a tile has of a pixel, along one side of a map. */
type Line = (place: number, tile: number, pixel: number) => number;

type LineName = 'seen' | 'seenTurned' | 'ofGradient' | 'ofGradientTurned';

const LINES: Readonly<Record<LineName, Line>> = {
  /** What tiles see of a map: Bᵀ. */
  seen: (place, tile, pixel) => OF_PIXELS[place]?.[pixel - (2 * tile - 1)] ?? 0,
  /** The same for a filter that is turned around, whose products stand at other places. */
  seenTurned: (place, tile, pixel) => LINES.seen(TURNED[place] ?? 0, tile, pixel),
  /** What tiles give of a map, backwards: A. */
  ofGradient: (place, tile, pixel) => OF_RESULTS[pixel - 2 * tile]?.[place] ?? 0,
  ofGradientTurned: (place, tile, pixel) => LINES.ofGradient(TURNED[place] ?? 0, tile, pixel),
};

/** `[places · tiles, pixels]` of one side; or the places of a tile together. */
function oneWay(size: number, byTile: boolean, line: Line): Matrix {
  const tiles = Math.ceil(size / 2);
  return matrixOf(4 * tiles, size, (row, pixel) =>
    byTile ? line(row % 4, Math.floor(row / 4), pixel) : line(Math.floor(row / tiles), row % tiles, pixel),
  );
}

/** `[places · tiles, pixels]` of rows and columns at once. */
function bothWays([height, width]: MapSize, line: Line): Matrix {
  const [down, across] = tilesOf([height, width]);
  return matrixOf(PLACES * down * across, height * width, (row, pixel) => {
    const [place, tile] = [Math.floor(row / (down * across)), row % (down * across)];
    const vertical = line(Math.floor(place / 4), Math.floor(tile / across), Math.floor(pixel / width));
    return vertical * line(place % 4, tile % across, pixel % width);
  });
}

/** From taps of a filter to its places: G. */
function ofTaps(): Matrix {
  return matrixOf(PLACES, TAPS, (place, tap) => {
    const vertical = OF_TAPS[Math.floor(place / 4)]?.[Math.floor(tap / 3)] ?? 0;
    return vertical * (OF_TAPS[place % 4]?.[tap % 3] ?? 0);
  });
}
