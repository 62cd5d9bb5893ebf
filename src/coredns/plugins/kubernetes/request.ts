/** What a name below a cluster zone asks for. Empty parts were not given. */
export interface Asked {
  readonly kind: 'svc' | 'pod' | '';
  readonly namespace: string;
  readonly service: string;
  readonly endpoint: string;
  readonly port: string;
  readonly protocol: string;
}

const nothing: Asked = { kind: '', namespace: '', service: '', endpoint: '', port: '', protocol: '' };

/** Takes a name apart (`parseRequest`): `[_port._protocol.|endpoint.]service.namespace.svc|pod.ZONE`; undefined: no such form. */
export function parseRequest(name: string, zone: string): Asked | undefined {
  const base = zone === '.' ? name.replace(/\.$/, '') : name.slice(0, -zone.length).replace(/\.$/, '');
  if (base === '' || base === 'svc' || base === 'pod') return nothing;
  const labels = base.split('.').reverse();
  const [kind, namespace = '', service = '', fourth = '', fifth, more] = labels;
  if ((kind !== 'svc' && kind !== 'pod') || more !== undefined) return undefined;
  if (fifth === undefined) return { ...nothing, kind, namespace, service, endpoint: fourth };
  return { ...nothing, kind, namespace, service, protocol: fourth.replace(/^_/, ''), port: fifth.replace(/^_/, '') };
}
