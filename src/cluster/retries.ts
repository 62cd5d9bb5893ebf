import { behaviourOf, type Histories } from '../coredns/history.ts';
import type { RandomStream } from '../engine/random.ts';
import { type Micros, millisecond, second } from '../engine/time.ts';
import { patchOf } from './kube-proxy/releases.ts';

/** How long client-go's Reflector waits between tries that fail. */
export type RetryRule = 'each-second' | 'exponential';

/** Of a first list, and of a watch that was lost because nobody listens at the API server's port any more. */
export interface WatchRules {
  readonly list: RetryRule;
  readonly watch: RetryRule;
}

/** By release of client-go, which is that of Kubernetes: commits 1df276a7c and 4d01b584c of client-go. */
const ofKubernetes: Histories<WatchRules> = {
  list: [
    ['0', 'each-second'],
    ['1.18', 'exponential'],
  ],
  watch: [
    ['0', 'each-second'],
    ['1.20', 'exponential'],
  ],
};

/** By release of CoreDNS: client-go 0.18 came with 1.7.0, 0.20 with 1.8.1 (its go.mod). */
const ofCoreDns: Histories<WatchRules> = {
  list: [
    ['0', 'each-second'],
    ['1.7.0', 'exponential'],
  ],
  watch: [
    ['0', 'each-second'],
    ['1.8.1', 'exponential'],
  ],
};

/** Of the kubelet, kube-proxy and the control plane of a Kubernetes release. */
export function watchRules(kubernetes: string): WatchRules {
  return behaviourOf(ofKubernetes, patchOf(kubernetes));
}

export function corednsWatchRules(release: string): WatchRules {
  return behaviourOf(ofCoreDns, release);
}

/** wait.NewExponentialBackoffManager(800ms, 30s, 2m, 2.0, 1.0) in reflector.go: each pause is once to twice as long as its base. */
const firstPause = 800 * millisecond;
const longestPause = 30 * second;

/** When it is tried again, from the first failure on. */
export function* retries(rule: RetryRule, failedAt: Micros, random: RandomStream): Generator<Micros, never> {
  let base = rule === 'exponential' ? firstPause : second;
  for (let at = failedAt; ; base = Math.min(2 * base, rule === 'exponential' ? longestPause : second)) {
    at += rule === 'exponential' ? random.span(base, 2 * base) : base;
    yield at;
  }
}
