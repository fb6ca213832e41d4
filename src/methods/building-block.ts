/** What the survey's building blocks have in common: distances that many methods are made of, offered by themselves. */
export const SURVEY = [
  {
    title: 'Knowledge Distillation: A Survey',
    authors: 'Gou, Yu, Maybank, Tao',
    where: 'International Journal of Computer Vision 129, 2021',
    arxiv: '2006.05525',
  },
] as const;

export const UNIT_WEIGHT = {
  value: 1,
  source: 'inferred: a building block has no recipe of its own; compare the shares of the gradient',
} as const;

export const ANY_PAIRS = { minimum: 1, maximum: 16, rank: 'any' } as const;
