import type { RandomStream } from '../../../engine/random.ts';
import type { PolicyName } from './options.ts';

/** In which order a query tries the upstreams. */
export type Policy = <T>(upstreams: readonly T[]) => readonly T[];

/** `keepsOrder`: the release's policies do nothing. */
export function makePolicy(name: PolicyName, keepsOrder: boolean, draws: RandomStream): Policy {
  if (keepsOrder || name === 'sequential') return (upstreams) => upstreams;
  if (name === 'random') return (upstreams) => (upstreams.length === 1 ? upstreams : draws.shuffle(upstreams));
  let counter = 0;
  return (upstreams) => {
    counter = (counter + 1) % upstreams.length;
    const [first] = upstreams.slice(counter, counter + 1);
    return first === undefined ? upstreams : [first, ...upstreams.filter((_, i) => i !== counter)];
  };
}
