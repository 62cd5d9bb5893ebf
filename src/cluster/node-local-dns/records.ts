import { recordKind } from '../../engine/recorder.ts';

/**
 * node-cache changed its node's network. Causes: `link-added`, `link-removed`, `rule-added`, `rule-removed`,
 * `rules-complete`, `rules-gone`. `text`: addresses or the rule.
 */
export const nodeCacheNetwork = recordKind('node-local-dns.network', { text: 'text' });
