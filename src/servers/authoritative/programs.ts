/** What authoritative programs do differently (recordings `recursor-auth-shapes`, `-auth-sizes`, `-auth-order`). */
export interface AuthorityRules {
  /** A reply too large for a client without EDNS keeps the records that fit; else TC comes alone. */
  readonly keepsWhatFits: boolean;
  /** Do owners keep the zone's letters, whatever the letters asked? */
  readonly keepsLetters: boolean;
  /** Do positive answers carry the zone's servers and their addresses? */
  readonly addsServers: boolean;
  /** ANY over UDP: one set, or TC alone. */
  readonly anyByUdp: 'one set' | 'tc';
  readonly order: 'zone' | 'random';
  /** May names of other records point into the target of an SRV record? */
  readonly pointsIntoTargets: boolean;
}

/** Knot DNS 3.2.6, and what is taken for granted of any other. */
const plain: AuthorityRules = {
  keepsWhatFits: false,
  keepsLetters: false,
  addsServers: false,
  anyByUdp: 'one set',
  order: 'zone',
  pointsIntoTargets: true,
};

export const authoritySoftware = ['bind', 'nsd', 'knot', 'powerdns'] as const;
export type AuthoritySoftware = (typeof authoritySoftware)[number];

/** BIND 9.18.49, NSD 4.6.1, Knot DNS 3.2.6, PowerDNS 4.7.3. */
const programs: Readonly<Record<AuthoritySoftware, AuthorityRules>> = {
  bind: { ...plain, keepsWhatFits: true, keepsLetters: true, order: 'random' },
  nsd: { ...plain, addsServers: true, pointsIntoTargets: false },
  knot: plain,
  powerdns: { ...plain, anyByUdp: 'tc', order: 'random' },
};

export function authorityRules(software: AuthoritySoftware | undefined): AuthorityRules {
  return software === undefined ? plain : programs[software];
}
