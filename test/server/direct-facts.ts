import { Facts } from '../../src/server/facts.ts';
import { lookUp } from '../../src/server/lookups.ts';

/** Facts of a disk that answers at once. */
export function directFacts(): Facts {
  const fail = (message: string): never => {
    throw new Error(message);
  };
  return new Facts(
    { look: (question, answered) => answered(lookUp(question)) },
    { error: fail },
    () => undefined,
  );
}
