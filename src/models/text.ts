import { describe } from './describe.ts';
import type { ModelDescription, ModelGraph } from './description.ts';
import { shapeText } from './shapes.ts';

/** The model as a table for a terminal: layer, kind, what it reads, output shape, parameters, multiply-adds. */
export function modelAsText(graph: ModelGraph): string {
  const description = describe(graph);
  const aliases = new Map<string, string[]>();
  for (const [alias, path] of Object.entries(graph.aliases)) {
    aliases.set(path, [...(aliases.get(path) ?? []), alias]);
  }
  const rows = description.layers.map((layer, index) => {
    const source = graph.layers[index]?.inputs ?? [];
    const previous = description.layers[index - 1]?.path;
    const reads = source.length === 1 && source[0] === previous ? '' : source.join(' + ');
    return [
      layer.path,
      layer.kind,
      shapeText(layer.shape),
      count(layer.parameters),
      count(layer.multiplyAdds),
      reads,
      (aliases.get(layer.path) ?? []).join(', '),
    ];
  });
  const totals = ['', '', '', count(description.parameters), count(description.multiplyAdds), '', ''];
  const head = ['layer', 'kind', 'output', 'parameters', 'multiply-adds', 'reads', 'also called'];
  const table = [head, ...rows, totals];
  const widths = head.map((_, column) => Math.max(...table.map((row) => (row[column] ?? '').length)));
  const lines = table.map((row) =>
    row
      .map((cell, column) =>
        isNumeric(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
  const title = `${graph.architecture}: ${shapeText(description.inputShape)} -> ${answerText(graph, description)}`;
  return [title, ...lines].join('\n');
}

/** `10 classes`, or `images of 28x28x1`. */
export function answerText(
  { reconstructs }: Pick<ModelGraph, 'reconstructs'>,
  { classes }: Pick<ModelDescription, 'classes'>,
): string {
  return reconstructs === undefined ? `${classes} classes` : `images of ${shapeText(reconstructs)}`;
}

function isNumeric(column: number): boolean {
  return column === 3 || column === 4;
}

/** `12,345`; nothing for 0. */
function count(value: number): string {
  return value === 0 ? '' : value.toLocaleString('en-US');
}
