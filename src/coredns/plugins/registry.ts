import type { SetUp } from '../plugin.ts';
import { setUpCache } from './cache/setup.ts';

/** How a directive is treated. `inert`: known, and without influence on the way of a query. */
export type KnownPlugin =
  | { readonly kind: 'modelled'; readonly setUp: SetUp }
  | { readonly kind: 'inert' }
  | { readonly kind: 'not-modelled' }
  | { readonly kind: 'not-built-in' };

const modelled: ReadonlyMap<string, SetUp> = new Map<string, SetUp>([['cache', setUpCache]]);

/** They observe, or take part in nothing that is simulated. */
const inert: readonly string[] = ['metadata', 'pprof', 'trace', 'dnstap'];
/** In plugin.cfg, but not in the released binaries: corefile-start-federation-removed. */
const notBuiltIn: readonly string[] = ['federation', 'on'];

export function findPlugin(name: string): KnownPlugin {
  const setUp = modelled.get(name);
  if (setUp !== undefined) return { kind: 'modelled', setUp };
  if (inert.includes(name)) return { kind: 'inert' };
  return notBuiltIn.includes(name) ? { kind: 'not-built-in' } : { kind: 'not-modelled' };
}
