import { keysOf } from '../document.ts';
import { type CheckContext, objectTo } from './check.ts';

/** Keys of an expectation that say when it holds, or of what; each other one is something to hold. */
const conditions = ['workload', 'from', 'until', 'knownLimit'];
/** Keys that hold nothing by themselves. */
const maps = ['upstreamQueries', 'probes', 'latency'];

/** Each entry of `expect` expects something: one that is met whatever happens is a mistake. */
export function checkExpectations(context: CheckContext): void {
  const { document, file } = context;
  for (const i of file.expect.keys()) {
    const held = keysOf(document, ['expect', i]).filter((key) => !conditions.includes(key));
    if (held.length === 0) objectToNothing(context, ['expect', i], 'add what must come out, such as failures: 0');
    for (const key of maps.filter((map) => held.includes(map))) {
      const path = ['expect', i, key];
      if (keysOf(document, path).length === 0) objectToNothing(context, path, `add a key to ${key}`);
    }
  }
}

function objectToNothing(context: CheckContext, path: readonly (string | number)[], hint: string): void {
  objectTo(context, path, 'nothing-expected', 'nothing is expected here', hint);
}
