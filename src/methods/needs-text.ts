import { readsTeacher, type Method } from './method.ts';

/** What a method needs, in words, for hovers, pages and the terminal. */
export function needsInWords(method: Pick<Method, 'needs' | 'opponent'>): readonly string[] {
  const { logits, labels, indices, pairs, layers, group, strongView, teacherWeights, passes, words } =
    method.needs;
  const parts = [
    logits === true ? 'logits' : '',
    labels === true ? 'labels' : '',
    indices === true ? 'the position of each sample' : '',
    pairs === undefined ? '' : `${countText(pairs, 'pair')} of layers [teacher, student]`,
    layers === undefined ? '' : `${countText(layers, 'layer')} of the student`,
    group === undefined ? '' : groupText(group),
    strongView === true ? 'a second, stronger view of each sample' : '',
    words === true ? 'frames and words of the module `ctc`' : '',
    passes === true ? 'several answers to each sample: of an ensemble, or of a Bayesian teacher' : '',
    teacherWeights === 'classifier' ? 'the teacher’s last linear layer' : '',
    teacherWeights === 'batchNorm' ? 'the batch norms of the teacher’s layers' : '',
    method.opponent === undefined ? '' : 'an optimizer for the network beside the student',
    readsTeacher(method) ? '' : 'no teacher',
  ];
  return parts.filter((part) => part !== '');
}

function countText(
  { minimum, maximum }: { readonly minimum: number; readonly maximum: number },
  what: string,
) {
  if (minimum === maximum) return `${minimum} ${minimum === 1 ? what : `${what}s`}`;
  return `${minimum} ${Number.isFinite(maximum) ? `to ${maximum}` : 'or more'} ${what}s`;
}

function groupText({ minimum, trunk }: NonNullable<Method['needs']['group']>): string {
  if (trunk === true) return `${minimum} or more branches of one network`;
  if (trunk === 'map') return `${minimum} or more branches of one network that share a map`;
  return `${minimum} or more networks, branches or exits that learn together`;
}
