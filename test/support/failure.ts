import type { World } from '../../src/cluster/world.ts';
import type { ResolverDescription } from '../../src/resolver/description.ts';
import { analyse } from '../../src/trace/analysis.ts';
import type { Explanation } from '../../src/trace/explanation.ts';
import { SmallTrace, smallWorld } from './small-trace.ts';
import { Trouble } from './trouble.ts';

export const kubeDns = { name: 'kube-system/kube-dns', address: '10.96.0.10', ports: [], endpoints: [] };

/** Its resolvers read that resolv.conf. */
export const worldWith = (text: string, reader: Pick<ResolverDescription, 'kind' | 'release'>): World => ({
  ...smallWorld,
  services: [kubeDns],
  // One of its processes is on the network of a node.
  coredns: smallWorld.coredns.map((one, i) => (i === 0 ? { ...one, host: 'node-2' } : one)),
  workloads: smallWorld.workloads.map((one) =>
    one.kind === 'lookups' ? { ...one, resolver: { ...reader, resolvConf: { file: '', text } } } : one,
  ),
});

/** `before`: what was there; `happens`: what befalls a lookup at 50 s that fails after 5. */
export function causeOfFailure(...given: Parameters<typeof whyFailed>): string | undefined {
  return whyFailed(...given)?.cause;
}

export function whyFailed(
  world: World,
  before: (trace: SmallTrace) => void,
  happens: (trouble: Trouble) => void,
): Explanation | undefined {
  const trace = new SmallTrace();
  before(trace);
  trace.lookup('app', 50, 'EAI_AGAIN', '', (root) => {
    happens(new Trouble(trace, root));
    return 5;
  });
  const { workloads, why } = analyse(trace.store, world);
  const [failed] = workloads[0]?.lookups ?? [];
  return failed && why(failed);
}
