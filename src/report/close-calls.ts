import { proxyCommit } from '../cluster/records.ts';
import type { Micros } from '../engine/time.ts';
import { formatDuration } from '../scenario/duration.ts';
import type { FinishedRun } from '../study/run.ts';
import { inMilliseconds, instant } from '../trace/words.ts';

const kubeDns = 'kube-system/kube-dns';

/**
 * Times without a rule for kube-dns that clients with one port have missed by luck: a query then might have been the first of
 * many without an answer (field report S4).
 */
export function closeCalls(run: FinishedRun): string[] {
  const { definition } = run.scenario;
  return Object.entries(definition.workloads).flatMap(([name, { pod, port, every }]) => {
    const node = definition.pods[pod]?.node;
    if (port === undefined || node === undefined) return [];
    const own = run.analysis.workloads.find(({ summary }) => summary.workload === name);
    const isCutOff = own?.flows.some(({ astray }) => astray) === true;
    return isCutOff ? [] : gapsOn(node, run).map((gap) => `${sentence(name, port, node, gap)}${phaseOf(gap, every)}`);
  });
}

interface Gap {
  readonly from: Micros;
  readonly to: Micros;
}

/** From the commit that takes REJECT away to the one that brings DNAT. */
function gapsOn(node: string, { store, world }: FinishedRun): Gap[] {
  const address = world.services.find(({ name }) => name === kubeDns)?.address ?? '';
  const gaps: Gap[] = [];
  let [rejects, from]: [boolean, Micros | undefined] = [false, undefined];
  for (const { at, t, cause, services } of store.rows(proxyCommit)) {
    if (at !== node) continue;
    const has = services.split(' ').includes(address);
    if (cause === 'filter') {
      from = rejects && !has ? t : undefined;
      rejects = has;
    } else if (cause === 'nat' && has && from !== undefined) {
      if (t > from) gaps.push({ from, to: t });
      from = undefined;
    }
  }
  return gaps;
}

function sentence(workload: string, port: number, node: string, { from, to }: Gap): string {
  const when = `For ${inMilliseconds(to - from)} from ${instant(from)} on no rule of ${node} led to kube-dns: kube-proxy had taken its REJECT away and not yet put DNAT in place.`;
  const entry = `a conntrack entry that all later ones from port ${port} meet, until kube-proxy deletes it, if its release does`;
  return `${when} A query of ${workload} in that time would have been lost, and left ${entry}. None came.`;
}

/** When such a client would have to begin in order to ask in that time. */
function phaseOf({ from, to }: Gap, every: Micros | undefined): string {
  if (every === undefined) return '';
  const phase = Math.round(from + (to - from) / 2) % every;
  return ` With \`at: ${formatDuration(phase)}\` one would.`;
}
