import type { MatchedPair } from './match-layers.ts';

/** The words of a reason; each only puts what it is given in its place, so that it can be translated. */
export interface ReasonWords {
  readonly mostAlike: string;
  readonly crosses: (better: string, teacher: string, student: string) => string;
  readonly taken: (better: string, student: string) => string;
  readonly total: (better: string) => string;
  readonly clearly: (next: string) => string;
  readonly hardly: (next: string) => string;
  readonly sameSize: string;
  readonly otherSize: string;
  readonly withValue: (layer: string, similarity: string) => string;
}

export const REASON_WORDS: ReasonWords = {
  mostAlike: 'the teacher layer most alike',
  crosses: (better, teacher, student) =>
    `more alike is ${better}, which would cross the pair of ${teacher} and ${student}`,
  taken: (better, student) => `more alike is ${better}, which is matched with ${student}`,
  total: (better) => `more alike is ${better}, with which all pairs together would be less alike`,
  clearly: (next) => `clearly before ${next}`,
  hardly: (next) => `no more than two standard errors before ${next}`,
  sameSize: 'same height and width',
  otherSize: 'of other height and width',
  withValue: (layer, similarity) => `${layer} (${similarity})`,
};

/** Why a pair was chosen, in one line. */
export function reasonText(
  { reason, teacher }: MatchedPair,
  words: ReasonWords = REASON_WORDS,
  similarityText = (value: number): string => value.toFixed(2),
): string {
  const { better, next, sameSize } = reason;
  const named = (layer: string, similarity: number) => words.withValue(layer, similarityText(similarity));
  const parts: string[] = [];
  if (better === null) parts.push(words.mostAlike);
  else {
    const name = named(better.teacher, better.similarity);
    const { by } = better;
    if (by === null || better.why === 'total') parts.push(words.total(name));
    else if (better.why === 'taken') parts.push(words.taken(name, by.student));
    else parts.push(words.crosses(name, by.teacher, by.student));
  }
  if (next !== null)
    parts.push((next.isClear ? words.clearly : words.hardly)(named(next.teacher, next.similarity)));
  if (teacher.shape.length > 1) parts.push(sameSize ? words.sameSize : words.otherSize);
  return parts.join('; ');
}
