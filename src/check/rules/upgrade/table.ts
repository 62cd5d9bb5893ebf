import type { UpgradeRule } from '../../finding.ts';
import { cacheUpgrades } from './cache.ts';
import { forwardUpgrades } from './forward.ts';
import { otherUpgrades } from './others.ts';

/** What an upgrade changes for the lines of a Corefile; each is told in the words of both releases. */
export const upgradeRules: readonly UpgradeRule[] = [...forwardUpgrades, ...cacheUpgrades, ...otherUpgrades];
