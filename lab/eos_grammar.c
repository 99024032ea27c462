/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines that the simulated EOS accepts, mode by mode, in the order in which
 * it shows them. Common features have their real grammar, so that a wrong
 * address or a missing word is refused; for rare ones the first words are
 * known and the rest is taken as it comes.
 */
#include "lab/eos_grammar.h"

enum {
	M_TOP, M_LOOSE, M_IF, M_VLAN, M_VRF, M_BGP, M_BGP_AF, M_BGP_VRF, M_BGP_VRF_AF,
	M_BGP_VLAN, M_OSPF, M_ISIS, M_RMAP, M_ACL, M_STD_ACL, M_PFX, M_PFX6, M_MLAG,
	M_API, M_API_VRF, M_MGMT, M_MGMT_VRF, M_DAEMON, M_PMAP, M_CLASS, M_CMAP, M_AAA_GROUP,
	M_MST, M_BFD, M_COUNT
};

#define LINE(s) { .syntax = (s) }
#define KEEP(s) { .syntax = (s), .flags = R_KEEP_NO }
#define ON(s) { .syntax = (s), .flags = R_ON }
#define JOIN(s) { .syntax = (s), .flags = R_JOIN }
#define DEF(s, d) { .syntax = (s), .def = (d) }
/* Another form of the row before it: the two replace each other. */
#define ALSO(s) { .syntax = (s), .flags = R_SAME }
#define CHECK(s, f) { .syntax = (s), .check = (f) }
#define SECTION(s, m, p) { .syntax = (s), .opens = (m), .prompt = (p) }
#define LOOSE(s, p) { .syntax = (s), .opens = M_LOOSE, .prompt = (p) }

const char EOS_DEFAULTS[] =
    "no aaa root\n"
    "transceiver qsfp default-mode 4x10G\n"
    "service routing protocols model ribd\n"
    "spanning-tree mode mstp\n"
    "no ip routing\n";

static const struct rule top[] = {
	LINE("boot secret = <line>"),
	{ .syntax = "enable password = ...", .flags = R_KEEP_NO, .check = eos_check_enable },
	{ .syntax = "enable secret = ...", .flags = R_KEEP_NO, .check = eos_check_enable },
	{ .syntax = "aaa root = ...", .flags = R_KEEP_NO | R_JOIN },
	LINE("username <word> ssh-key|sshkey = <line>"),
	CHECK("username <word> = ...", eos_check_user),
	LINE("role <word> = ..."),
	LINE("agent <word> ..."),
	LINE("alias <word> = <line>"),
	SECTION("daemon <word>", M_DAEMON, "daemon-%2"),
	LINE("dhcp relay ..."),
	LOOSE("dhcp server [vrf <word>]", "dhcp-server"),
	LINE("switchport default mode = access|routed"),
	LINE("switchport default phone ..."),
	LINE("vlan internal order = ascending|descending range <n:2-4094> <n:2-4094>"),
	LINE("errdisable detect|flap-setting|recovery|<word> ..."),
	LOOSE("event-handler <word>", "handler-%2"),
	LINE("event-monitor ..."),
	LOOSE("flow tracking hardware|sampled|mirror-on-drop", "flow-tracking-%3"),
	LOOSE("hardware tcam", "hw-tcam"),
	LINE("hardware <word> ..."),
	LINE("load-interval default = <n:0-600>"),
	LINE("transceiver qsfp default-mode = 4x10G|1x40G"),
	KEEP("ip igmp snooping [vlan <vlans>]"),
	LINE("ip igmp snooping vlan <vlans> <word> ..."),
	LINE("monitor session <word> ..."),
	LOOSE("monitor connectivity", "mon-connectivity"),
	LINE("lacp <word> ..."),
	LINE("queue-monitor length|streaming ..."),
	LINE("link tracking group <word> ..."),
	LINE("link state track <word> ..."),
	KEEP("lldp run|timer|hold-time|management-address|tlv|reinit|timer ..."),
	KEEP("logging on|console|monitor|trap|buffered|synchronous|facility|persistent = ..."),
	LINE("logging source-interface = ..."),
	LINE("logging host <host> ..."),
	LINE("logging vrf <word> host|source-interface <word> ..."),
	LINE("logging format|level|policy|qos|relogging-interval|repeat-messages <word> ..."),
	LINE("logging event <word> ..."),
	LOOSE("match-list input <word> <word>", "match-list-%4"),
	KEEP("service <word> ..."),
	{ .syntax = "service routing protocols model = ribd|multi-agent",
	  .check = eos_check_model },
	LINE("prompt = <line>"),
	LINE("hostname = <word>"),
	JOIN("ip domain-name = <word>"),
	{ .syntax = "ip domain lookup = ...", .flags = R_KEEP_NO | R_JOIN },
	JOIN("ip domain-list <word>"),
	{ .syntax = "ip name-server [vrf <word>] <anyip> [<anyip>] [priority <n:0-4>]",
	  .flags = R_JOIN | R_ORDER },
	JOIN("dns domain = <word>"),
	LINE("ip host <word> <anyip> ..."),
	LINE("ntp authentication-key <n:1-65534> = <line>"),
	JOIN("ntp trusted-key = <line>"),
	JOIN("ntp authenticate [servers]"),
	JOIN("ntp local-interface [vrf <word>] = <intf>"),
	JOIN("ntp server [vrf <word>] <host> = ..."),
	JOIN("ntp serve|force ..."),
	LINE("ptp <word> ..."),
	{ .syntax = "radius-server <word> ...", .flags = R_ORDER },
	{ .syntax = "tacacs-server <word> ...", .flags = R_ORDER },
	LINE("sflow <word> ..."),
	KEEP("snmp-server engineID local = <word>"),
	JOIN("snmp-server contact = <line>"),
	JOIN("snmp-server location = <line>"),
	JOIN("snmp-server ipv4|ipv6 access-list ..."),
	JOIN("snmp-server view <word> <word> included|excluded"),
	JOIN("snmp-server community <word> = [view <word>] [ro|rw] [<word>]"),
	JOIN("snmp-server group <word> <word> ..."),
	JOIN("snmp-server user <word> <word> = ..."),
	JOIN("snmp-server host <host> ..."),
	JOIN("snmp-server enable traps ..."),
	JOIN("snmp-server vrf <word>"),
	JOIN("snmp-server local-interface|source-interface ..."),
	JOIN("snmp-server transport|objects|notification|extension|qosmib <word> ..."),
	LINE("spanning-tree mode = mstp|rstp|rapid-pvst|backup|none"),
	JOIN("spanning-tree root super"),
	JOIN("spanning-tree edge-port <word> ..."),
	JOIN("spanning-tree portfast ..."),
	{ .syntax = "spanning-tree vlan-id = <vlans>", .flags = R_ON | R_JOIN },
	JOIN("spanning-tree vlan-id <vlans> priority = <n:0-61440>"),
	JOIN("spanning-tree mst <n:0-4094> priority = <n:0-61440>"),
	JOIN("spanning-tree priority = <n:0-61440>"),
	JOIN("spanning-tree bpduguard|guard|bridge|forward-time|hello-time|max-age ..."),
	SECTION("spanning-tree mst configuration", M_MST, "mst"),
	LOOSE("system l1", "system-l1"),
	LINE("system control-plane ..."),
	SECTION("aaa group server tacacs+|radius|ldap <word>", M_AAA_GROUP, "sg-%4-%5"),
	LINE("aaa authentication login default|console = ..."),
	JOIN("aaa authentication enable default = ..."),
	JOIN("aaa authentication policy <word> ..."),
	JOIN("aaa authorization exec|commands|serial-console|policy|config-commands ..."),
	JOIN("aaa accounting <word> <word> ..."),
	LINE("clock timezone = <word> ..."),
	{ .syntax = "vlan <vlans>", .opens = M_VLAN, .prompt = "vlan-%2",
	  .flags = R_RANGE | R_GROUP },
	{ .syntax = "vrf instance <word>", .opens = M_VRF, .prompt = "vrf-%3",
	  .check = eos_check_vrf_instance },
	LINE("vrf definition <word>"),
	LINE("bfd <word> ..."),
	{ .syntax = "interface <intf:+Port-Channel>", .opens = M_IF, .prompt = "if-%s2",
	  .flags = R_RANGE },
	{ .syntax = "interface <intf:+>", .opens = M_IF, .prompt = "if-%s2",
	  .flags = R_RANGE },
	LOOSE("application traffic recognition", "app-recognition"),
	LOOSE("ip nat profile|pool|synchronization ...", "ip-nat"),
	LOOSE("ip security", "ipsec"),
	LOOSE("stun", "stun"),
	LOOSE("traffic-policies", "traffic-policies"),
	LOOSE("patch panel", "patch-panel"),
	LINE("mac address-table aging-time = <n:0-1000000>"),
	LINE("mac address-table <word> ..."),
	LOOSE("mac security", "mac-sec"),
	LINE("ip virtual-router mac-address = <mac>"),
	JOIN("ip virtual-router mac-address advertisement-interval|mlag-peer ..."),
	JOIN("ip address virtual source-nat vrf <word> address = <ip>"),
	SECTION("ip access-list standard <word>", M_STD_ACL, "std-acl-%4"),
	SECTION("ip access-list <word>", M_ACL, "acl-%3"),
	SECTION("ipv6 access-list standard <word>", M_STD_ACL, "std-ipv6-acl-%4"),
	SECTION("ipv6 access-list <word>", M_ACL, "ipv6-acl-%3"),
	SECTION("mac access-list <word>", M_ACL, "mac-acl-%3"),
	LINE("ip community-list <word> ..."),
	LINE("ip extcommunity-list <word> ..."),
	LINE("ip large-community-list <word> ..."),
	LINE("ip as-path access-list <word> permit|deny <word> ..."),
	LINE("ip as-path regex-mode = asn|string"),
	LINE("ip icmp redirect|rate-limit-unreachable|source-interface ..."),
	LINE("ip load-sharing <word> ..."),
	LINE("ip radius|tacacs [vrf <word>] source-interface = <intf>"),
	LINE("ip ssh|http|ftp|tftp client [vrf <word>] source-interface = <intf>"),
	LINE("ip route [vrf <word>] <net> <ip> ..."),
	LINE("ip route [vrf <word>] <net> <intf> ..."),
	LINE("ipv6 route [vrf <word>] <prefix:6> <ip:6> ..."),
	LINE("ipv6 route [vrf <word>] <prefix:6> <intf> ..."),
	KEEP("ip routing [vrf <word>]"),
	JOIN("ip routing ipv6 interfaces"),
	{ .syntax = "ip routing delete-static-routes", .flags = R_KEEP_NO | R_JOIN },
	KEEP("ip icmp redirect"),
	KEEP("ipv6 unicast-routing [vrf <word>]"),
	LINE("ip multicast-routing ..."),
	{ .syntax = "ip prefix-list <word> seq|permit|deny <word> ...", .flags = R_SPLIT,
	  .split = 3 },
	SECTION("ip prefix-list <word>", M_PFX, "ip-pfx"),
	{ .syntax = "ipv6 prefix-list <word> seq|permit|deny <word> ...", .flags = R_SPLIT,
	  .split = 3 },
	SECTION("ipv6 prefix-list <word>", M_PFX6, "ipv6-pfx"),
	SECTION("mlag configuration", M_MLAG, "mlag"),
	LOOSE("mpls ldp", "mpls-ldp"),
	KEEP("mpls ip"),
	LINE("mpls <word> ..."),
	LINE("platform <word> ..."),
	LINE("priority-flow-control <word> ..."),
	LINE("qos map|random-detect|rewrite ..."),
	LOOSE("qos profile <word>", "qos-profile-%3"),
	LINE("redundancy"),
	SECTION("class-map [type <word>] match-any|match-all <word>", M_CMAP, "cmap"),
	SECTION("policy-map [type <word>] <word>", M_PMAP, "pmap"),
	LINE("tunnel <word> ..."),
	SECTION("route-map <word> ~permit|deny <n:1-16777215>", M_RMAP, "route-map-%2"),
	LOOSE("peer-filter <word>", "peer-filter-%2"),
	LINE("sync-e ..."),
	LOOSE("router adaptive-virtual-topology|path-selection|internet-exit", "router-%2"),
	LOOSE("router service-insertion|traffic-engineering|multicast|igmp|msdp", "router-%2"),
	LOOSE("router pim sparse-mode|bidirectional", "router-pim"),
	LOOSE("router general|l2-vpn|segment-security|kernel|rip", "router-%2"),
	SECTION("router bfd", M_BFD, "router-bfd"),
	{ .syntax = "router bgp ~<asn>", .opens = M_BGP, .prompt = "router-bgp",
	  .check = eos_check_bgp },
	SECTION("router isis <word>", M_ISIS, "router-isis"),
	{ .syntax = "router ospf <n:1-65535> [vrf <word>]", .opens = M_OSPF,
	  .prompt = "router-ospf", .check = eos_check_ospf },
	LOOSE("router ospfv3|ipv6 ...", "router-ospfv3"),
	LOOSE("control-plane", "cp"),
	{ .syntax = "banner login|motd", .texts = 1 },
	SECTION("management api http-commands", M_API, "mgmt-api-http-cmds"),
	LOOSE("management api gnmi|models|netconf|external-services", "mgmt-api-%3"),
	SECTION("management console|ssh|telnet", M_MGMT, "mgmt-%2"),
	LOOSE("management security|cvx|defaults|accounts|tech-support", "mgmt-%2"),
};

static const struct rule interface[] = {
	LINE("description = <line>"),
	LINE("profile = <line>"),
	LINE("traffic-policy input|output = <word>"),
	LINE("shutdown"),
	LINE("load-interval = <n:0-600>"),
	DEF("mtu = <n:68-9214>", "mtu 1500"),
	KEEP("logging event <word> ..."),
	LINE("bgp session tracker = <word>"),
	LINE("l2|l2-protocol|l3-protocol <word> ..."),
	KEEP("error-correction encoding ..."),
	LINE("speed = <word> ..."),
	LINE("flowcontrol send|receive = on|off|desired"),
	ON("switchport"),
	DEF("switchport access vlan = <n:1-4094>", "switchport access vlan 1"),
	DEF("switchport trunk native vlan = <n:1-4094>", "switchport trunk native vlan 1"),
	ALSO("switchport trunk native vlan = tag"),
	LINE("switchport phone vlan = <n:1-4094>"),
	LINE("switchport phone trunk = ..."),
	DEF("switchport trunk allowed vlan = <vlans>", "switchport trunk allowed vlan 1-4094"),
	ALSO("switchport trunk allowed vlan = none|all"),
	ALSO("switchport trunk allowed vlan = add|remove|except <vlans>"),
	DEF("switchport mode = access|trunk|dot1q-tunnel|tap|tool|tap-tool|routed [phone]",
	    "switchport mode access"),
	LINE("switchport trunk group <word>"),
	LINE("switchport trunk private-vlan secondary"),
	LINE("switchport dot1q|pvlan|source-interface|vlan|tap|tool ..."),
	KEEP("switchport port-security ..."),
	LINE("switchport backup-link|backup ..."),
	LINE("flow tracker <word> <word>"),
	LINE("encapsulation dot1q vlan = <n:1-4094> [inner <n:1-4094>]"),
	LOOSE("encapsulation vlan", "encap"),
	LINE("vlan id = <vlans>"),
	KEEP("snmp trap link-change|link-status"),
	{ .syntax = "vrf = <word>", .check = eos_check_if_vrf },
	{ .syntax = "channel-group = <n:1-999999> mode on|active|passive",
	  .check = eos_check_channel_group },
	LINE("lacp <word> ..."),
	ON("lldp transmit|receive"),
	LINE("lldp <word> ..."),
	LINE("mlag = <n:1-2000>"),
	LINE("port-channel lacp|min-links ..."),
	LOOSE("evpn ethernet-segment", "evpn-es"),
	LINE("link tracking group <word> ..."),
	LINE("link-debounce time = <n:0-30000> ..."),
	ON("autostate"),
	LINE("dhcp <word> ..."),
	KEEP("dot1x <word> ..."),
	LINE("ip proxy-arp"),
	LINE("ip local-proxy-arp"),
	{ .syntax = "ip address <prefix> secondary", .check = eos_check_address },
	{ .syntax = "ip address = <prefix>", .check = eos_check_address },
	ALSO("ip address = <ip> <ip>"),
	ALSO("ip address = dhcp"),
	ALSO("ip address = unnumbered <intf>"),
	LINE("ip address virtual = <prefix>"),
	LINE("ip address virtual <prefix> secondary"),
	LINE("ip verify unicast source ..."),
	LINE("ip virtual-router address <anyip>"),
	LINE("ip helper-address <host> ..."),
	LINE("ip dhcp|attached-host|igmp|nat|multicast|pim|policy|icmp|arp|tcp|local ..."),
	LINE("ip access-group = <word> in|out"),
	LINE("ipv6 enable"),
	LINE("ipv6 address auto-config"),
	LINE("ipv6 address <prefix:6> [link-local]"),
	LINE("ipv6 address virtual <prefix:6>"),
	LINE("ipv6 address <ip:6> link-local"),
	LINE("ipv6 nd <word> ..."),
	LINE("ipv6 access-group = <word> in|out"),
	LINE("ipv6 dhcp|verify|virtual-router|ospf|helper-address ..."),
	LINE("mac access-group = <word> in|out"),
	LINE("mac security|address|timestamp ..."),
	LINE("arp <word> ..."),
	LINE("bfd echo|interval|static|neighbor|vtep ..."),
	LINE("ip ospf neighbor bfd"),
	LINE("ip ospf cost = <n:1-65535>"),
	LINE("ip ospf dead-interval = <n:1-8192>"),
	LINE("ip ospf hello-interval = <n:1-8192>"),
	LINE("ip ospf retransmit-interval|transmit-delay|priority = <n:0-65535>"),
	LINE("ip ospf network = point-to-point|broadcast|non-broadcast|point-to-multipoint"),
	LINE("ip ospf authentication = ..."),
	LINE("ip ospf authentication-key = <line>"),
	LINE("ip ospf message-digest-key <n:1-255> = <line>"),
	LINE("ip ospf area = <n:0-4294967295>"),
	ALSO("ip ospf area = <ip>"),
	LINE("ip ospf disabled|mtu-ignore|bfd"),
	LINE("isis metric|enable|circuit-type|network|priority|hello-interval = <line>"),
	KEEP("isis <word> ..."),
	LINE("multicast ipv4|ipv6 ..."),
	LINE("pim ipv4|ipv6 ..."),
	KEEP("mpls ip"),
	KEEP("mpls <word> ..."),
	LINE("node-segment ipv4|ipv6 index ..."),
	KEEP("poe ..."),
	KEEP("priority-flow-control ..."),
	LINE("ptp <word> ..."),
	KEEP("qos trust ..."),
	LINE("qos <word> ..."),
	LINE("service-policy [type <word>] input|output <word> ..."),
	LINE("service-profile = <word>"),
	KEEP("sflow ..."),
	LINE("shape rate = <line>"),
	LINE("storm-control <word> ..."),
	LINE("spanning-tree bpdufilter|bpduguard = enable|disable|rate-limit ..."),
	LINE("spanning-tree cost|link-type|port-priority = <word> ..."),
	LINE("spanning-tree guard = root|loop|none"),
	CHECK("spanning-tree portfast = [edge|network|auto]", eos_check_portfast),
	LINE("tcp mss ceiling ..."),
	LINE("transceiver <word> ..."),
	LINE("tunnel source|destination|mode|key|ttl|path-mtu-discovery|ipsec = ..."),
	LOOSE("tx-queue|uc-tx-queue|mc-tx-queue <n:0-15>", "if-txq-%2"),
	LINE("vmtracer <word> ..."),
	KEEP("vrrp <n:1-255> <word> ..."),
	LINE("vxlan source-interface = <intf>"),
	LINE("vxlan mlag source-interface = <intf>"),
	LINE("vxlan virtual-router encapsulation mac-address = <word>"),
	LINE("vxlan udp-port = <n:1024-65535>"),
	LINE("vxlan vlan <vlans> vni = <line>"),
	LINE("vxlan vlan <vlans> flood|multicast ..."),
	LINE("vxlan vrf <word> vni = <n:1-16777215>"),
	LINE("vxlan vrf <word> multicast ..."),
	LINE("vxlan <word> ..."),
};

static const struct rule vlan[] = {
	LINE("name = <word>"),
	LINE("state = active|suspend"),
	LINE("trunk group <word>"),
	LINE("private-vlan ..."),
};

static const struct rule vrf[] = {
	LINE("description = <line>"),
	LINE("rd = <word>"),
};

/* Neighbour lines are common to several BGP modes. */
#define NB(s) { .syntax = "neighbor <word> " s, .flags = R_BY2 }
#define NEIGHBOUR \
	{ .syntax = "neighbor <word> peer group = [<word>]", .flags = R_BY2 | R_OWNER }, \
	NB("remote-as = <asn>"), \
	NB("next-hop-self ..."), \
	NB("next-hop-unchanged|next-hop ..."), \
	NB("local-as = <asn> ..."), \
	NB("as-path|auto-local-addr|domain|encapsulation|fall-over ..."), \
	NB("update-source = <intf>"), \
	NB("description = <line>"), \
	NB("shutdown ..."), \
	NB("route-reflector-client"), \
	{ .syntax = "neighbor <word> bfd ...", .flags = R_BY2 | R_KEEP_NO }, \
	NB("ebgp-multihop = [<n:1-255>]"), \
	NB("ttl maximum-hops = <n:0-254>"), \
	NB("timers = <n:0-3600> <n:0-3600>"), \
	NB("route-map <word> ~in|out"), \
	NB("prefix-list <word> ~in|out"), \
	{ .syntax = "neighbor <word> password = ...", .flags = R_BY2, \
	  .check = eos_check_bgp_password }, \
	NB("default-originate = ..."), \
	NB("send-community = ..."), \
	NB("maximum-routes = <n:0-4294967294> ..."), \
	NB("weight = <n:0-65535>"), \
	NB("allowas-in = ..."), \
	NB("passive|idle-restart-timer|link-bandwidth|metric-out ..."), \
	NB("missing-policy|out-delay|enforce-first-as|graceful-restart ..."), \
	NB("remove-private-as|rib-in|additional-paths|soft-reconfiguration ..."), \
	NB("transport|session|export-localpref|import-localpref ..."), \
	{ .syntax = "neighbor <word> activate", .flags = R_BY2 | R_KEEP_NO }, \
	LINE("neighbor interface <intf:+> peer-group <word> ...")

#define REDISTRIBUTE \
	LINE("redistribute connected|static|isis|rip|igmp|attached-host|learned = ..."), \
	LINE("redistribute ospf|ospf3|ospfv3|dynamic|aggregate|router-mac|link-state ..."), \
	LINE("redistribute bgp|host-route|service ...")

static const struct rule bgp[] = {
	LINE("router-id = <ip>"),
	LINE("shutdown"),
	ON("bgp default ipv4-unicast"),
	KEEP("bgp default <word> ..."),
	LINE("bgp cluster-id = <ip>"),
	LINE("bgp listen range <word> <word> ..."),
	KEEP("bgp <word> ..."),
	LINE("timers bgp = <n:0-3600> <n:0-3600> ..."),
	LINE("distance bgp = <n:1-255> [<n:1-255> <n:1-255>]"),
	LINE("graceful-restart restart-time = <n:1-3600>"),
	LINE("graceful-restart ..."),
	LINE("graceful-restart-helper ..."),
	LINE("maximum-paths = <n:1-600> [ecmp <n:1-600>]"),
	LINE("update wait-for-convergence|wait-install ..."),
	NEIGHBOUR,
	LINE("aggregate-address <word> = ..."),
	REDISTRIBUTE,
	LINE("network <word> = ..."),
	LINE("next-hop resolution disabled|<word> ..."),
	LINE("monitoring ..."),
	SECTION("vlan-aware-bundle <word>", M_BGP_VLAN, "router-bgp-macvrf-%2"),
	SECTION("vlan <n:1-4094>", M_BGP_VLAN, "router-bgp-macvrf-%2"),
	SECTION("vpws <word>", M_BGP_VLAN, "router-bgp-vpws-%2"),
	{ .syntax = "address-family evpn|rt-membership|link-state|path-selection|vpn-ipv4|vpn-ipv6",
	  .opens = M_BGP_AF, .prompt = "router-bgp-af" },
	{ .syntax = "address-family ipv4|ipv6 [unicast|multicast|labeled-unicast|sr-te|flow-spec]",
	  .opens = M_BGP_AF, .prompt = "router-bgp-af" },
	SECTION("vrf <word>", M_BGP_VRF, "router-bgp-vrf-%2"),
	LOOSE("monitoring station <word>", "router-bgp-monitoring"),
	LOOSE("session tracker <word>", "st-%3"),
};

static const struct rule bgp_af[] = {
	LINE("bgp <word> ..."),
	NEIGHBOUR,
	KEEP("neighbor default <word> ..."),
	LINE("network <word> = ..."),
	LINE("aggregate-address <word> = ..."),
	REDISTRIBUTE,
	LINE("route import|export <word> ..."),
	KEEP("host-flap detection ..."),
	LINE("next-hop <word> ..."),
	LINE("path-selection ..."),
	LINE("evpn <word> ..."),
	LINE("layer-2 <word> ..."),
	LINE("domain <word> ..."),
	LINE("encapsulation <word> ..."),
	LINE("graceful-restart ..."),
	LINE("maximum-paths = <n:1-600> [ecmp <n:1-600>]"),
};

static const struct rule bgp_vrf[] = {
	LINE("rd = <word>"),
	LINE("route-target import ..."),
	LINE("route-target export ..."),
	LINE("route-target both ..."),
	LINE("evpn <word> ..."),
	LINE("default-route <word> ..."),
	LINE("router-id = <ip>"),
	LINE("shutdown"),
	KEEP("bgp <word> ..."),
	LINE("local-as = <asn>"),
	LINE("timers bgp = <n:0-3600> <n:0-3600> ..."),
	LINE("distance bgp = <n:1-255> [<n:1-255> <n:1-255>]"),
	LINE("graceful-restart ..."),
	LINE("maximum-paths = <n:1-600> [ecmp <n:1-600>]"),
	LINE("update wait-for-convergence|wait-install ..."),
	NEIGHBOUR,
	LINE("aggregate-address <word> = ..."),
	REDISTRIBUTE,
	LINE("network <word> = ..."),
	{ .syntax = "address-family ipv4|ipv6 [unicast|multicast|flow-spec]",
	  .opens = M_BGP_VRF_AF, .prompt = "router-bgp-vrf-af" },
};

static const struct rule bgp_vlan[] = {
	LINE("rd [evpn domain <word>] = <word>"),
	LINE("rd auto"),
	LINE("route-target import ..."),
	LINE("route-target export ..."),
	LINE("route-target both ..."),
	REDISTRIBUTE,
	LINE("vlan = <vlans>"),
	LINE("mpls <word> ..."),
	LOOSE("pseudowire <word>", "pw-%2"),
};

static const struct rule ospf[] = {
	LINE("router-id = <ip>"),
	LINE("bfd default|adjacency ..."),
	LINE("auto-cost reference-bandwidth = <n:1-4294967>"),
	LINE("distance ospf ..."),
	KEEP("passive-interface <intf>"),
	LINE("passive-interface default"),
	LINE("network <word> area <word>"),
	LINE("network <ip> <ip> area <word>"),
	REDISTRIBUTE,
	LINE("area <word> <word> ..."),
	LINE("default-information originate = ..."),
	LINE("distribute-list ..."),
	LINE("graceful-restart ..."),
	LINE("log-adjacency-changes = ..."),
	LINE("max-lsa = <n:0-100000> ..."),
	LINE("max-metric router-lsa ..."),
	LINE("maximum-paths = <n:1-128>"),
	LINE("mpls ldp sync default"),
	LINE("point-to-point|summary-address|timers|tunnel|adjacency|compatible|dn-bit-ignore ..."),
	LINE("shutdown"),
};

static const struct rule isis[] = {
	LINE("net = <word>"),
	LINE("hostname = <word>"),
	LINE("router-id ipv4|ipv6 = <anyip>"),
	LINE("is-type = level-1|level-2|level-1-2"),
	LINE("log-adjacency-changes"),
	LINE("mpls ldp sync default"),
	LINE("timers <word> ..."),
	LINE("advertise passive-only|interface-speed"),
	LINE("authentication|is-hostname|lsp|max-metric|set-overload-bit|graceful-restart ..."),
	LINE("spf-interval ..."),
	REDISTRIBUTE,
	LINE("shutdown"),
	LOOSE("address-family ipv4|ipv6 unicast", "router-isis-af"),
	LOOSE("segment-routing mpls", "router-isis-sr"),
};

static const struct rule route_map[] = {
	LINE("description = <line>"),
	LINE("match <word> ..."),
	LINE("set weight|local-preference|metric|tag|origin|distance = <line>"),
	LINE("set <word> ..."),
	LINE("sub-route-map = <word>"),
	LINE("continue = [<n:1-16777215>]"),
};

/* The number comes first in the shown form; what has none gets one. */
static const struct rule acl[] = {
	LINE("counters per-entry"),
	LINE("statistics per-entry"),
	LINE("fragment-rules"),
	{ .syntax = "<n:1-4294967295> = permit|deny <word> ...", .check = eos_check_sequence },
	ALSO("<n:1-4294967295> = remark <line>"),
	{ .syntax = "permit|deny ip|tcp|udp|icmp|ospf|igmp|pim|vrrp|ahp|esp|gre <word> ...",
	  .flags = R_SEQ },
	{ .syntax = "permit|deny ipv6|icmpv6|any|vlan <word> ...", .flags = R_SEQ },
	{ .syntax = "permit|deny <mac> <word> ...", .flags = R_SEQ },
	{ .syntax = "permit|deny <n:0-255> <word> ...", .flags = R_SEQ },
	{ .syntax = "remark <line>", .flags = R_SEQ },
};

static const struct rule std_acl[] = {
	LINE("counters per-entry"),
	{ .syntax = "<n:1-4294967295> = permit|deny <word> ...", .check = eos_check_sequence },
	ALSO("<n:1-4294967295> = remark <line>"),
	{ .syntax = "permit|deny <anyip> ...", .flags = R_SEQ },
	{ .syntax = "permit|deny <net>", .flags = R_SEQ },
	{ .syntax = "permit|deny any|host ...", .flags = R_SEQ },
	{ .syntax = "remark <line>", .flags = R_SEQ },
};

static const struct rule prefix_list[] = {
	{ .syntax = "seq <n:0-65535> = permit|deny <net> ...", .check = eos_check_sequence },
	{ .syntax = "permit|deny <net> ...", .flags = R_SEQ },
};

static const struct rule prefix_list6[] = {
	{ .syntax = "seq <n:0-65535> = permit|deny <prefix:6> ...", .check = eos_check_sequence },
	{ .syntax = "permit|deny <prefix:6> ...", .flags = R_SEQ },
};

static const struct rule mlag[] = {
	LINE("domain-id = <word>"),
	LINE("heartbeat-interval = <n:1000-30000>"),
	LINE("local-interface = <intf>"),
	LINE("peer-address = <ip>"),
	LINE("peer-address heartbeat = <ip> [vrf <word>]"),
	LINE("peer-link = <intf>"),
	LINE("dual-primary <word> ..."),
	LINE("primary-priority = <n:1-32767>"),
	LINE("reload-delay = <n:0-86400>|infinity"),
	LINE("reload-delay mlag|non-mlag = <word>"),
	LINE("reload-delay mode <word> ..."),
	LINE("shutdown"),
};

static const struct rule api[] = {
	KEEP("protocol http|https|unix-socket ..."),
	{ .syntax = "protocol https certificate", .texts = 2 },
	LINE("protocol https ssl profile = <word>"),
	LINE("cors|content|default-services|qos|idle-timeout|log-level ..."),
	KEEP("default-services"),
	ON("shutdown"),
	SECTION("vrf <word>", M_API_VRF, "mgmt-api-http-cmds-vrf-%2"),
};

static const struct rule shutdown_on[] = {
	LINE("ip access-group = <word> [in]"),
	LINE("ipv6 access-group = <word> [in]"),
	ON("shutdown"),
};

/* Management over SSH is on by default, over telnet off: both are shown as
 * configured. */
static const struct rule management[] = {
	LINE("idle-timeout = <n:0-86400>"),
	LINE("authentication mode|protocol|empty-passwords ..."),
	LINE("cipher|key-exchange|mac|hostkey|fips|log-level|login|rekey = ..."),
	LINE("connection limit|per-host ..."),
	LINE("client-alive|known-hosts|tunnel|logging|server-port|qos ..."),
	LINE("ip access-group <word> [vrf <word>] [in]"),
	LINE("ipv6 access-group <word> [vrf <word>] [in]"),
	KEEP("shutdown"),
	SECTION("vrf <word>", M_MGMT_VRF, "mgmt-vrf-%2"),
};

static const struct rule management_vrf[] = {
	LINE("ip access-group = <word> [in]"),
	KEEP("shutdown"),
};

static const struct rule daemon[] = {
	LINE("exec = <line>"),
	LINE("heartbeat = <n:0-300>"),
	LINE("oom score adjustment = <line>"),
	LINE("option <word> value = <line>"),
	ON("shutdown"),
};

static const struct rule policy_map[] = {
	LOOSE("class [built-in] <word>", "pmap-c-%2"),
	LOOSE("<n:1-65535> class <word>", "pmap-c-%3"),
	LINE("description = <line>"),
};

static const struct rule class_map[] = {
	LINE("match <word> <line>"),
	LINE("<n:1-65535> match <word> <line>"),
	LINE("description = <line>"),
};

static const struct rule aaa_group[] = {
	LINE("server <host> ..."),
};

static const struct rule mst[] = {
	LINE("name = <word>"),
	LINE("revision = <n:0-65535>"),
	LINE("instance <n:0-4094> = vlan <vlans>"),
};

static const struct rule bfd[] = {
	LINE("interval = <line>"),
	LINE("multihop = <line>"),
	LINE("local-address = <ip>"),
	LINE("slow-timer = <n:2000-60000>"),
	LINE("sbfd|session ..."),
	LINE("shutdown"),
};

#define MODE(nm, r) { .name = (nm), .rules = (r), .n = sizeof(r) / sizeof((r)[0]) }
#define NUMBERED(nm, r, p) \
	{ .name = (nm), .rules = (r), .n = sizeof(r) / sizeof((r)[0]), .seq = (p) }
#define IN_ORDER(nm, r) \
	{ .name = (nm), .rules = (r), .n = sizeof(r) / sizeof((r)[0]), .ordered = true }

static const struct mode modes[M_COUNT] = {
	[M_TOP] = MODE("config", top),
	[M_LOOSE] = { .name = "loose", .ordered = true, .loose = true },
	[M_IF] = MODE("interface", interface),
	[M_VLAN] = MODE("vlan", vlan),
	[M_VRF] = MODE("vrf", vrf),
	[M_BGP] = MODE("router-bgp", bgp),
	[M_BGP_AF] = MODE("router-bgp-af", bgp_af),
	[M_BGP_VRF] = MODE("router-bgp-vrf", bgp_vrf),
	[M_BGP_VRF_AF] = MODE("router-bgp-vrf-af", bgp_af),
	[M_BGP_VLAN] = MODE("router-bgp-macvrf", bgp_vlan),
	[M_OSPF] = MODE("router-ospf", ospf),
	[M_ISIS] = MODE("router-isis", isis),
	[M_RMAP] = MODE("route-map", route_map),
	[M_ACL] = NUMBERED("acl", acl, ""),
	[M_STD_ACL] = NUMBERED("std-acl", std_acl, ""),
	[M_PFX] = NUMBERED("ip-pfx", prefix_list, "seq "),
	[M_PFX6] = NUMBERED("ipv6-pfx", prefix_list6, "seq "),
	[M_MLAG] = MODE("mlag", mlag),
	[M_API] = MODE("mgmt-api", api),
	[M_API_VRF] = MODE("mgmt-api-vrf", shutdown_on),
	[M_MGMT] = MODE("mgmt", management),
	[M_MGMT_VRF] = MODE("mgmt-vrf", management_vrf),
	[M_DAEMON] = MODE("daemon", daemon),
	[M_PMAP] = IN_ORDER("pmap", policy_map),
	[M_CLASS] = { .name = "pmap-c", .ordered = true, .loose = true },
	[M_CMAP] = IN_ORDER("cmap", class_map),
	[M_AAA_GROUP] = IN_ORDER("sg", aaa_group),
	[M_MST] = MODE("mst", mst),
	[M_BFD] = MODE("router-bfd", bfd),
};

const struct grammar EOS_GRAMMAR = { modes, M_COUNT };
