import type { Method } from '../methods/method.ts';
import { needsInWords } from '../methods/needs-text.ts';
import type { Field } from '../schema/field.ts';

/** A method in `--json`: its data without its functions. */
export function methodValue(method: Method): object {
  const { name, title, knowledge, summary, formula, papers, needs, defaultWeight } = method;
  return {
    ...{ name, title, knowledge, summary, formula, papers, needs, defaultWeight },
    parameters: Object.fromEntries(
      Object.entries(method.parameters.fields).map(([key, field]) => [key, parameterValue(field)]),
    ),
    hardLabelWeight: method.hardLabelWeight ?? null,
    opponent: method.opponent?.doc ?? null,
    mismatch: method.mismatch ?? null,
    notes: method.notes ?? [],
    fixtures: method.fixtures.map((fixture) => fixture.method),
  };
}

function parameterValue(field: Field): object {
  const { kind, doc, source } = field;
  return {
    kind,
    doc,
    default: field.default ?? null,
    range: rangeText(field) || null,
    source: source ?? null,
  };
}

/** A method's page for the terminal. */
export function methodText(method: Method): string {
  const parameters = Object.entries(method.parameters.fields).map(([name, field]) => {
    const facts = [`default ${JSON.stringify(field.default ?? null)}`, rangeText(field)].filter(
      (fact) => fact !== '',
    );
    return `  ${name} (${facts.join(', ')})\n    ${field.doc}`;
  });
  const papers = method.papers.map(({ authors, title, where, arxiv }) => {
    const number = arxiv === undefined ? '' : `, arXiv:${arxiv}`;
    return `  ${authors}: ${title}. ${where}${number}`;
  });
  const labels = method.hardLabelWeight;
  const parts = [
    `${method.name}: ${method.title} (${method.knowledge})\n${method.summary}`,
    section('Formula', [indented(method.formula)]),
    section('Needs', [`  ${needsInWords(method).join(', ')}`]),
    section('Network beside the student', method.opponent === undefined ? [] : [`  ${method.opponent.doc}`]),
    section('Parameters', parameters),
    section('Weight', [`  ${method.defaultWeight.value} (${method.defaultWeight.source})`]),
    section('Hard labels', labels === undefined ? [] : [`  ${labels.value} (${labels.source})`]),
    section('Sizes that differ', method.mismatch === undefined ? [] : [`  ${method.mismatch}`]),
    section(
      'Notes',
      (method.notes ?? []).map((note) => `  ${note}`),
    ),
    section('Source', papers),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${title}\n${lines.join('\n')}`;
}

function indented(text: string): string {
  return text
    .trim()
    .split('\n')
    .map((line) => `  ${line.trim()}`)
    .join('\n');
}

function rangeText(field: Field): string {
  if (field.kind === 'choice') return Object.keys(field.choices).join(' | ');
  if (field.kind !== 'number') return '';
  const bounds = [
    field.minimum === undefined ? '' : `≥ ${field.minimum}`,
    field.exclusiveMinimum === undefined ? '' : `> ${field.exclusiveMinimum}`,
    field.maximum === undefined ? '' : `≤ ${field.maximum}`,
    field.exclusiveMaximum === undefined ? '' : `< ${field.exclusiveMaximum}`,
  ];
  return bounds.filter((bound) => bound !== '').join(' and ');
}
