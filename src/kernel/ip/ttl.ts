/** net.ipv4.ip_default_ttl. */
export const defaultTtl = 64;
