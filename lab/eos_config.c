/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a configuration means to the simulated EOS itself: its name, who may
 * log in, whether its management address answers, its banners; and the
 * configuration it is given when nobody brings one.
 */
#include "lab/eos.h"

bool
eos_hardware(const struct node *n)
{
	struct span port = word_at(n->line, 2);

	return words_start(n->line, "interface") && memchr(port.p, '.', port.len) == NULL &&
	    (span_starts(port, "Ethernet") || span_starts(port, "Management"));
}

void
eos_render(const struct node *root, struct buf *out)
{
	tree_render(root, out);
	buf_adds(out, "!\nend\n");
}

static const struct node *
line_starting(const struct node *root, const char *words)
{
	return tree_starts(root, words);
}

void
eos_hostname(const struct node *root, char *out, size_t size)
{
	const struct node *n = line_starting(root, "hostname");

	snprintf(out, size, "%s", n != NULL ? n->line + strlen("hostname ") : "localhost");
}

const char *
eos_user_secret(const struct node *root, const char *user)
{
	char words[96];
	const struct node *n;
	const char *secret;

	snprintf(words, sizeof(words), "username %s", user);
	for (size_t i = 0; i < root->n; i++) {
		n = root->kids[i];
		if (!words_start(n->line, words) || strstr(n->line, " ssh-key ") != NULL)
			continue;
		secret = strstr(n->line, " secret ");
		return secret != NULL ? secret + strlen(" secret ") : "";
	}
	return NULL;
}

bool
eos_login_enabled(const struct node *root, const char *user)
{
	char words[112];

	snprintf(words, sizeof(words), "username %s privilege 15", user);
	return line_starting(root, "aaa authorization exec default") != NULL &&
	    line_starting(root, words) != NULL;
}

const char *
eos_banner_text(const struct node *root, const char *which)
{
	char words[32];
	const struct node *n;

	snprintf(words, sizeof(words), "banner %s", which);
	n = line_starting(root, words);
	return n != NULL && n->text != NULL ? n->text : "";
}

/* The management port's address, and that it and SSH are up. */
void
eos_management(const struct node *root, struct buf *out)
{
	const struct node *port = line_starting(root, "interface Management1");
	const struct node *ssh = line_starting(root, "management ssh"), *address;

	if (port == NULL)
		port = line_starting(root, "interface Management0");
	address = port != NULL ? tree_starts(port, "ip address") : NULL;
	buf_addf(out, "%s%s%s", address != NULL ? address->line : "no address",
	    port != NULL && tree_starts(port, "shutdown") != NULL ? ", port down" : "",
	    ssh != NULL && tree_starts(ssh, "shutdown") != NULL ? ", ssh down" : "");
}

static void
generate_ports(const struct seed *s, struct buf *out)
{
	for (int i = 1; i <= 12; i++) {
		buf_addf(out, "interface Ethernet%d\n", i);
		if (i <= 2)
			buf_addf(out, "   description uplink to spine%d\n   no switchport\n"
			    "   ip address 10.%d.%d.%d/31\n   mtu 9214\n", i, i,
			    s->index / 128 % 256, s->index % 128 * 2 + 1);
		else if (i <= 6)
			buf_addf(out, "   description server %d\n"
			    "   switchport access vlan %d\n", i - 2, 10 + i % 3);
		else if (i == 12)
			buf_adds(out, "   shutdown\n");
	}
	buf_addf(out, "interface Loopback0\n   description router id\n"
	    "   ip address 10.255.%d.%d/32\n", s->index / 250, s->index % 250 + 1);
	buf_addf(out, "interface Management1\n   description out of band\n"
	    "   ip address 192.168.%d.%d/16\n", s->index / 250 % 256, s->index % 250 + 1);
}

void
eos_generate(const struct seed *s, struct buf *out)
{
	int as = 65000 + s->index % 500;

	buf_addf(out, "hostname %s\n"
	    "ip name-server 192.0.2.53\n"
	    "ntp server 192.0.2.123 prefer\n"
	    "snmp-server contact noc@example.net\n"
	    "snmp-server location lab rack %d\n"
	    "username %s privilege 15 role network-admin secret %s\n"
	    "vlan 10\n   name users\n"
	    "vlan 11\n   name voice\n"
	    "vlan 12\n   name printers\n", s->name, s->index, s->user, s->secret);
	generate_ports(s, out);
	buf_addf(out, "ip access-list MANAGEMENT\n"
	    "   10 permit tcp 192.168.0.0/16 any eq ssh\n"
	    "   20 permit icmp any any\n"
	    "   30 deny ip any any\n"
	    "ip route 0.0.0.0/0 192.168.0.1\n"
	    "ip routing\n"
	    "ip prefix-list LOOPBACKS\n   seq 10 permit 10.255.0.0/16 eq 32\n"
	    "route-map CONNECTED permit 10\n   match ip address prefix-list LOOPBACKS\n"
	    "router bgp %d\n"
	    "   router-id 10.255.%d.%d\n"
	    "   neighbor SPINES peer group\n"
	    "   neighbor SPINES remote-as 64999\n"
	    "   neighbor SPINES maximum-routes 12000\n",
	    as, s->index / 250, s->index % 250 + 1);
	for (int i = 1; i <= 2; i++)
		buf_addf(out, "   neighbor 10.%d.%d.%d peer group SPINES\n", i,
		    s->index / 128 % 256, s->index % 128 * 2);
	buf_adds(out, "   redistribute connected route-map CONNECTED\n"
	    "management api http-commands\n   no shutdown\n");
}
