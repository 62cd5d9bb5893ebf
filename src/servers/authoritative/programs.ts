import type { Reach } from '../../dns/packer.ts';

/** What authoritative programs do differently (recordings `recursor-auth-shapes`, `-auth-sizes`, `recursor-n-auth-*`). */
export interface AuthorityRules {
  /** A reply too large for a client without EDNS keeps the records that fit; else TC comes alone. */
  readonly keepsWhatFits: boolean;
  /** Do owners keep the zone's letters, whatever the letters asked? */
  readonly keepsLetters: boolean;
  /** Do positive answers carry the zone's servers and their addresses: never, always, or to queries without RD (BIND's `no-auth-recursive`)? */
  readonly addsServers: 'never' | 'always' | 'without RD';
  /** Of what does not fit: are servers and addresses left out set by set, before it comes to TC? */
  readonly leavesOut: boolean;
  /** ANY: every set of the name, the one that stands first in the zone, or the one whose type has the lowest number. */
  readonly any: 'all' | 'first' | 'lowest';
  /** Is ANY over UDP answered with TC alone? */
  readonly anyByTcp: boolean;
  /** Of aliases that lead back: NOERROR with them, SERVFAIL with them, or SERVFAIL alone. */
  readonly loops: 'told' | 'failed' | 'failed, told';
  /** Does a CNAME that a wildcard gives to a question for CNAME come with the SOA? */
  readonly doubtsWildAliases: boolean;
  /** Do replies carry the query's CD? */
  readonly repeatsCd: boolean;
  readonly order: 'zone' | 'random';
  /** May names of other records point into the target of an SRV record? */
  readonly pointsIntoTargets: boolean;
  readonly pointsTo: Reach;
}

/** Knot DNS 3.2.6, and what is taken for granted of any other. */
const plain: AuthorityRules = {
  keepsWhatFits: false,
  keepsLetters: false,
  addsServers: 'never',
  leavesOut: false,
  any: 'lowest',
  anyByTcp: false,
  loops: 'told',
  doubtsWildAliases: false,
  repeatsCd: false,
  order: 'zone',
  pointsIntoTargets: true,
  pointsTo: 'all',
};

export const authoritySoftware = ['bind', 'nsd', 'knot', 'powerdns'] as const;
export type AuthoritySoftware = (typeof authoritySoftware)[number];

/** BIND 9.18.49, NSD 4.6.1, Knot DNS 3.2.6, PowerDNS 4.7.3. */
const programs: Readonly<Record<AuthoritySoftware, AuthorityRules>> = {
  bind: {
    ...plain,
    keepsWhatFits: true,
    keepsLetters: true,
    addsServers: 'without RD',
    any: 'all',
    loops: 'failed, told',
    repeatsCd: true,
    order: 'random',
    pointsTo: 'two longest',
  },
  nsd: { ...plain, addsServers: 'always', leavesOut: true, any: 'first', pointsIntoTargets: false },
  knot: { ...plain, pointsTo: 'last or hinted' },
  powerdns: { ...plain, any: 'all', anyByTcp: true, loops: 'failed', doubtsWildAliases: true, order: 'random' },
};

export function authorityRules(software: AuthoritySoftware | undefined): AuthorityRules {
  return software === undefined ? plain : programs[software];
}
