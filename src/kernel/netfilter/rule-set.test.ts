import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Problem } from '../../problem/problem.ts';
import { RuleSet } from './rule-set.ts';

const recorded = readFileSync(new URL('../../../test/recordings/iptables/order.txt', import.meta.url), 'utf8');

it('prints tables, chains and rules in the order of iptables-nft-save, whichever was made first', () => {
  const problems: Problem[] = [];
  const rules = new RuleSet('ipv4');
  // One thing at a time, the last of the recording first, but no rule before its chain.
  const texts = recorded.split(/^COMMIT\n/m).filter((text) => text !== '');
  for (const text of texts.toReversed()) {
    const [table = '', ...lines] = text.trimEnd().split('\n');
    const made = lines.filter((line) => line.startsWith(':')).toReversed();
    const rule = lines.filter((line) => line.startsWith('-A')).toReversed();
    for (const line of [...made, ...rule]) {
      rules.restore({ file: 'rules', text: `${table}\n${line}\nCOMMIT\n` }, false, problems);
    }
  }
  expect(problems).toEqual([]);
  expect(rules.print()).toEqual(recorded.trimEnd().split('\n'));
});
