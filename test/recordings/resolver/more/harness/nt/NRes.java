import io.netty.bootstrap.*; import io.netty.channel.*; import io.netty.channel.nio.*; import io.netty.channel.socket.*; import io.netty.channel.socket.nio.*;
import io.netty.resolver.*; import io.netty.resolver.dns.*; import io.netty.util.concurrent.*; import java.net.*; import java.util.*;
// Netty's DnsNameResolver on one event loop. tokens: v4 both tcp tcpto neg:S ttl:MIN:MAX perres | name | sleep:MS | par:N:name | quit
public class NRes {
  static void print(long s, String name, Future<List<InetAddress>> f) {
    long e = System.nanoTime(); String r = "OK"; StringBuilder b = new StringBuilder(); int n = 0;
    if (f.isSuccess()) for (InetAddress i : f.getNow()) { if (n++ > 0) b.append(','); b.append('"').append(i.getHostAddress()).append('"'); }
    else { r = f.cause().getClass().getSimpleName() + ": " + f.cause().getMessage(); if (f.cause().getCause() != null) r += " | " + f.cause().getCause().getClass().getSimpleName() + ": " + f.cause().getCause().getMessage(); }
    r = r.replaceAll("^: ", "UnknownHostException: ").replaceAll("\\[\\d+: ", "[ID: ").replaceAll("query '\\d+'", "query 'ID'");
    synchronized (NRes.class) { System.out.println("{\"start\":" + s + ",\"end\":" + e + ",\"name\":\"" + name + "\",\"result\":\"" + r.replace("\"", "'").replace("\n", " ") + "\",\"addrs\":[" + b + "],\"count\":" + n + "}"); }
  }
  public static void main(String[] a) throws Exception {
    NioEventLoopGroup g = new NioEventLoopGroup(1); EventLoop l = g.next();
    DnsNameResolverBuilder b = new DnsNameResolverBuilder(l).channelType(NioDatagramChannel.class); DnsNameResolver r = null;
    boolean tcp = false, tcpto = false; Integer neg = null; 
    // What is slow the first time, against a port where nobody listens.
    try (DnsNameResolver w = new DnsNameResolverBuilder(l).channelType(NioDatagramChannel.class).socketChannelType(NioSocketChannel.class, true).queryTimeoutMillis(150).searchDomains(List.of("a", "b")).nameServerProvider(new SingletonDnsServerAddressStreamProvider(new InetSocketAddress("127.0.0.1", 5353))).build()) { w.resolveAll("warm.test").await(); }
    for (String t : a) {
      String[] p = t.split(":");
      if (t.equals("v4")) { b.resolvedAddressTypes(ResolvedAddressTypes.IPV4_ONLY); continue; }
      if (t.equals("both")) { b.resolvedAddressTypes(ResolvedAddressTypes.IPV4_PREFERRED); continue; }
      if (t.equals("tcp")) { b.socketChannelType(NioSocketChannel.class); continue; }
      if (t.equals("tcpto")) { b.socketChannelType(NioSocketChannel.class, true); continue; }
      if (t.equals("once")) { b.completeOncePreferredResolved(true); continue; }
      if (t.equals("perres")) { b.datagramChannelStrategy(DnsNameResolverChannelStrategy.ChannelPerResolution); continue; }
      if (p[0].equals("neg")) { b.negativeTtl(Integer.parseInt(p[1])); continue; }
      if (p[0].equals("ttl")) { b.ttl(Integer.parseInt(p[1]), Integer.parseInt(p[2])); continue; }
      if (p[0].equals("sleep")) { Thread.sleep(Long.parseLong(p[1])); continue; }
      if (r == null) r = b.build();
      int n = p[0].equals("par") ? Integer.parseInt(p[1]) : 1; String name = p[p.length - 1];
      List<Future<List<InetAddress>>> fs = new ArrayList<>();
      for (int i = 0; i < n; i++) { long s = System.nanoTime(); Future<List<InetAddress>> f = r.resolveAll(name); final Future<List<InetAddress>> g2 = f; f.addListener(x -> print(s, name, g2)); fs.add(f); }
      for (Future<List<InetAddress>> f : fs) f.await();
      Thread.sleep(120);
    }
    System.exit(0);
  } }
