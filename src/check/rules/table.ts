import type { CorefileRule } from '../finding.ts';
import { answerRules } from './answers.ts';
import { blockRules } from './blocks.ts';
import { cacheRules } from './cache.ts';
import { forwardRules } from './forward.ts';
import { iptablesRules } from './iptables.ts';
import { kubernetesRules } from './kubernetes.ts';
import { loopRules } from './loops.ts';
import { operationRules } from './operation.ts';
import { resolvConfRules } from './resolv-conf.ts';
import { scenarioRules } from './scenario.ts';
import { sizeRules } from './sizes.ts';
import { staleRules } from './stale.ts';
import { startRules } from './start.ts';
import { tlsRules } from './tls.ts';
import { upgradeRules } from './upgrade/table.ts';
import { zoneRules } from './zones.ts';

/** The rules for a Corefile, in the order of the documentation. */
export const corefileRules: readonly CorefileRule[] = [
  ...startRules,
  ...blockRules,
  ...loopRules,
  ...forwardRules,
  ...tlsRules,
  ...sizeRules,
  ...cacheRules,
  ...staleRules,
  ...kubernetesRules,
  ...answerRules,
  ...operationRules,
];

export { iptablesRules, resolvConfRules, scenarioRules, upgradeRules, zoneRules };

/** A rule without its finder. */
export type DescribedRule = Omit<CorefileRule, 'find'>;

/** Every rule, in the order of the documentation. */
export const everyRule: readonly DescribedRule[] = [
  ...corefileRules,
  ...resolvConfRules,
  ...zoneRules,
  ...iptablesRules,
  ...upgradeRules,
  ...scenarioRules,
];
