/** One address of a Service's EndpointSlices, with its conditions (KEP-1672). */
export interface EndpointDescription {
  readonly address: string;
  /** Absent: on none of the nodes. */
  readonly node?: string;
  /** It gets traffic: the pod is ready and not being deleted, or the Service publishes addresses that are not. */
  readonly ready: boolean;
  /** The pod is ready, be it being deleted or not. */
  readonly serving: boolean;
  /** The pod is being deleted. */
  readonly terminating: boolean;
}

/** An end point as it is most of the time. */
export function readyEndpoint(address: string, node?: string): EndpointDescription {
  return { address, ...(node === undefined ? {} : { node }), ready: true, serving: true, terminating: false };
}

export function readyEndpoints(addresses: readonly string[]): EndpointDescription[] {
  return addresses.map((address) => readyEndpoint(address));
}

/** As in its EndpointSlices, whose controller calls every end point ready where the Service says so. */
export function publishedEndpoints({
  endpoints,
  publishNotReadyAddresses,
}: {
  readonly endpoints: readonly EndpointDescription[];
  readonly publishNotReadyAddresses?: boolean;
}): readonly EndpointDescription[] {
  return publishNotReadyAddresses === true ? endpoints.map((one) => ({ ...one, ready: true })) : endpoints;
}

/** Addresses of those that get traffic. */
export function readyAddresses(endpoints: readonly EndpointDescription[]): string[] {
  return endpoints.filter(({ ready }) => ready).map(({ address }) => address);
}
