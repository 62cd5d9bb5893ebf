import { changed, replyTo } from '../../../dns/build.ts';
import type { Edns, Message, Rcode } from '../../../dns/message.ts';
import { type History, inRelease, since } from '../../history.ts';
import { isInZone } from '../../match.ts';
import type { Outcome, Plugin, PluginSetup, Request } from '../../plugin.ts';
import { noNext } from '../../server/chain.ts';
import { type Action, decide, parseRules, type Rule } from './rules.ts';

/** Replies carry OPT with an extended error (RFC 8914), for clients without EDNS too. */
const explains = since('1.9.4');
const labelsView: History<boolean> = since('1.10.0');

/** Extended error codes: Blocked and Filtered. */
const blocked = 15;
const filtered = 17;
const extendedError = 15;

/** Names of counters that were others once. */
const oldNames: History<Readonly<Record<string, string>>> = [
  [
    '1.6.7',
    {
      blocked_requests_total: 'coredns_dns_request_block_count_total',
      allowed_requests_total: 'coredns_dns_request_allow_count_total',
    },
  ],
  ['1.7.0', {}],
];

/** `acl [ZONES…] { allow|block|filter|drop [type …] [net …] }`: lets queries through or turns them away, by type and client. */
export function setUpAcl(setup: PluginSetup): Plugin {
  const { directive, release, block, metrics } = setup;
  const zones = block.zones.map((zone) => zone.toLowerCase());
  const rules = parseRules(directive, release, zones);
  const explaining = inRelease(explains, release.name);
  const withView = inRelease(labelsView, release.name);
  const count = (name: string, { server, view }: Request, zone?: string) => {
    const labels = ['server', ...(zone === undefined ? [] : ['zone']), ...(withView ? ['view'] : [])];
    const values = [server, ...(zone === undefined ? [] : [zone]), ...(withView ? [view] : [])];
    const old = inRelease(oldNames, release.name)[name];
    metrics.counter(old ?? `coredns_acl_${name}`, labels).add(values);
  };
  const refuse = (request: Request, rcode: Rcode, code: number): Outcome => {
    const reply = replyTo(request.message, rcode);
    return { rcode: 'NOERROR', reply: explaining ? withError(reply, code) : reply };
  };
  return {
    name: 'acl',
    *handle(request, next) {
      const { action, zone } = judge(rules, request);
      if (action !== 'allow') setup.decided(request, `acl-${action}`, zone);
      switch (action) {
        case 'drop':
          count('dropped_requests_total', request, zone);
          return { rcode: 'NOERROR', silent: true };
        case 'block':
          count('blocked_requests_total', request, zone);
          return refuse(request, 'REFUSED', blocked);
        case 'filter':
          count('filtered_requests_total', request, zone);
          return refuse(request, 'NOERROR', filtered);
        case 'allow':
          count('allowed_requests_total', request);
          return named(request, yield* next(request));
      }
    },
  };
}

/** Where no plugin follows, the query's name stands in the error for the plugin's. */
function named({ message: { question } }: Request, outcome: Outcome): Outcome {
  if (outcome.error !== noNext('acl')) return outcome;
  return { ...outcome, error: noNext(question[0]?.name.toLowerCase() ?? '.') };
}

/** The first rule that has something to say decides; nobody objects: allowed. */
function judge(rules: readonly Rule[], { message, client }: Request): { action: Action; zone: string } {
  const [question] = message.question;
  if (question === undefined) return { action: 'allow', zone: '' };
  for (const rule of rules) {
    const zone = longest(rule.zones.filter((one) => isInZone(question.name, one)));
    if (zone === undefined) continue;
    const action = decide(rule, question.type, client.address);
    if (action !== undefined) return { action, zone };
  }
  return { action: 'allow', zone: '' };
}

function longest(zones: readonly string[]): string | undefined {
  return zones.reduce<string | undefined>((best, zone) => (zone.length > (best?.length ?? 0) ? zone : best), undefined);
}

function withError(reply: Message, code: number): Message {
  const options: Edns['options'] = [{ code: extendedError, octets: Uint8Array.of(code >> 8, code & 255) }];
  return changed(reply, { edns: { udpSize: 4096, do: true, version: 0, options } });
}
