/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configuration text into a tree and back: what the device makes of lines,
 * what it refuses, in which order and form it shows the rest.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/sys.h"
#include "lab/diff.h"
#include "lab/eos_grammar.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct refused {
	struct buf text;
	int n, warnings;
};

static void
note(void *ctx, int line, const char *raw, const char *why)
{
	struct refused *r = ctx;

	(void)raw;
	if (why[0] != '%') {
		r->warnings++;
		return;
	}
	r->n++;
	buf_addf(&r->text, "%d %s\n", line, why);
}

/* The configuration that these lines make, and then the refused ones. */
static char *
outcome(const char *defaults, const char *lines)
{
	struct node *clean = tree_new(), *root;
	struct refused r = { BUF_INIT, 0, 0 };
	struct buf out = BUF_INIT;
	struct conf c;

	conf_init(&c, &EOS_GRAMMAR, NULL, NULL);
	c.root = clean;
	conf_load(&c, span_str(defaults), note, &r);
	conf_release(&c);
	root = tree_copy(clean);
	conf_init(&c, &EOS_GRAMMAR, clean, NULL);
	c.root = root;
	conf_load(&c, span_str(lines), note, &r);
	tree_render(root, &out);
	buf_addspan(&out, buf_span(&r.text));
	conf_release(&c);
	buf_release(&r.text);
	tree_free(root);
	tree_free(clean);
	buf_adds(&out, "");
	return out.data != NULL ? buf_detach(&out) : mem_strdup("");
}

struct example {
	const char *lines, *shown;
};

static void
check(const char *defaults, const struct example *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char *got = outcome(defaults, v[i].lines);

		assert_string_equal(got, v[i].shown);
		free(got);
	}
}

static void
lines__are_shown_in_the_devices_order_and_form(void **state)
{
	static const struct example v[] = {
		{ "hostname b\nhostname a\n", "hostname a\n" },
		{ "interface Ethernet10\ninterface Ethernet2\ninterface Port-Channel1\n",
		  "interface Port-Channel1\n!\ninterface Ethernet2\n!\ninterface Ethernet10\n" },
		{ "int et1\n desc  two  words \n", "interface Ethernet1\n   description two  words\n" },
		{ "interface Ethernet1\n ip address 10.0.0.1 255.255.255.0\n",
		  "interface Ethernet1\n   ip address 10.0.0.1/24\n" },
		{ "ip route 10.1.2.3/8 10.0.0.1\n", "ip route 10.0.0.0/8 10.0.0.1\n" },
		{ "vlan 12\nvlan 10\nvlan 11\nvlan 20\n name x\n",
		  "vlan 10-12\n!\nvlan 20\n   name x\n" },
		{ "vlan 5-6,9\n name same\n",
		  "vlan 5\n   name same\n!\nvlan 6\n   name same\n!\nvlan 9\n   name same\n" },
		{ "hostname a\nip name-server 192.0.2.9\nip name-server 192.0.2.1\nntp server x\n",
		  "hostname a\nip name-server 192.0.2.9\nip name-server 192.0.2.1\n!\nntp server x\n" },
		{ "ip prefix-list P seq 10 permit 10.0.0.0/8\nip prefix-list P permit 11.0.0.0/8\n",
		  "ip prefix-list P\n   seq 10 permit 10.0.0.0/8\n   seq 20 permit 11.0.0.0/8\n" },
		{ "ip access-list A\n deny ip any any\n 5 permit tcp any any eq ssh\n"
		  " permit udp any any\n",
		  "ip access-list A\n   5 permit tcp any any eq ssh\n   10 deny ip any any\n"
		  "   20 permit udp any any\n" },
		{ "router bgp 1\n vrf A\n  rd 1:1\n neighbor 10.0.0.2 remote-as 3\n"
		  " neighbor G peer group\n neighbor 10.0.0.2 description x\n"
		  " address-family ipv4\n  neighbor G activate\n",
		  "router bgp 1\n   neighbor 10.0.0.2 remote-as 3\n"
		  "   neighbor 10.0.0.2 description x\n   !\n   vrf A\n      rd 1:1\n" },
	};
	struct example last = v[COUNT(v) - 1];
	char *got = outcome("", last.lines);

	(void)state;
	check("", v, COUNT(v) - 1);
	/* "neighbor ..." below a VRF is the VRF's; leaving takes "exit". */
	assert_non_null(strstr(got, "   vrf A\n      rd 1:1\n      neighbor G peer group\n"));
	free(got);
}

static void
no__removes_what_the_words_say(void **state)
{
	static const struct example v[] = {
		{ "hostname a\nno hostname\n", "" },
		{ "vlan 10-13\nexit\nno vlan 11-12\n", "vlan 10,13\n" },
		{ "interface Vlan1\n ip address 10.0.0.1/24\n no ip address\n", "interface Vlan1\n" },
		{ "interface Vlan1\nno interface Vlan1\n", "" },
		{ "router bgp 1\n neighbor 10.0.0.2 remote-as 3\n neighbor 10.0.0.2 shutdown\n"
		  " neighbor 10.0.0.3 remote-as 3\n no neighbor 10.0.0.2\n",
		  "router bgp 1\n   neighbor 10.0.0.3 remote-as 3\n" },
		{ "ip access-list A\n 10 permit ip any any\n no 10\n", "ip access-list A\n" },
		{ "ip access-list A\n permit ip any any\n no permit ip any any\n",
		  "ip access-list A\n" },
		{ "banner motd\nhello\nEOF\nno banner motd\n", "" },
		{ "no hostname\n", "" },
		{ "no username nobody\n", "1 % User not present\n" },
		{ "no nonsense\n", "1 % Invalid input\n" },
	};

	(void)state;
	check("", v, COUNT(v));
}

static void
defaults__are_hidden_or_come_back(void **state)
{
	static const struct example plain[] = {
		{ "interface Ethernet1\n no shutdown\n mtu 1500\n switchport\n switchport mode access\n",
		  "interface Ethernet1\n" },
		{ "interface Ethernet1\n no switchport\n", "interface Ethernet1\n   no switchport\n" },
		{ "interface Ethernet1\n no switchport\n switchport\n", "interface Ethernet1\n" },
		{ "interface Ethernet1\n no switchport\n default switchport\n",
		  "interface Ethernet1\n" },
		{ "management api http-commands\n no shutdown\n",
		  "management api http-commands\n   no shutdown\n" },
		{ "vrf instance M\n", "vrf instance M\n!\nno ip routing vrf M\n" },
		{ "vrf instance M\nip routing vrf M\n", "vrf instance M\n!\nip routing vrf M\n" },
	};
	static const struct example shown[] = {
		{ "", "spanning-tree mode mstp\n!\ninterface Ethernet1\n!\nno ip routing\n" },
		{ "spanning-tree mode none\nno spanning-tree mode\n",
		  "spanning-tree mode mstp\n!\ninterface Ethernet1\n!\nno ip routing\n" },
		{ "ip routing\nno interface Ethernet1\n",
		  "spanning-tree mode mstp\n!\ninterface Ethernet1\n!\nip routing\n" },
		{ "ip routing\nno ip routing\n",
		  "spanning-tree mode mstp\n!\ninterface Ethernet1\n!\nno ip routing\n" },
	};

	(void)state;
	check("", plain, COUNT(plain));
	check("spanning-tree mode mstp\ninterface Ethernet1\nno ip routing\n", shown, COUNT(shown));
}

static void
wrong_lines__get_the_devices_errors(void **state)
{
	static const struct example v[] = {
		{ "foo bar\n", "1 % Invalid input\n" },
		{ "interface\n", "1 % Incomplete command\n" },
		{ "hostname\n", "1 % Incomplete command\n" },
		{ "interface Ethernet\n", "1 % Invalid input\n" },
		{ "interface Serial1\n", "1 % Invalid input\n" },
		{ "ip route 10.0.0.0/8 10.0.0.300\n", "1 % Invalid input\n" },
		{ "ip route 10.0.0.0/33 10.0.0.1\n", "1 % Invalid input\n" },
		{ "vlan 4095\n", "1 % Invalid input\n" },
		{ "vlan 9-5\n", "1 % Invalid input\n" },
		{ "interface Vlan1\n ip address 10.0.0.256/24\n",
		  "interface Vlan1\n2 % Invalid input\n" },
		{ "interface Vlan1\n ip address 10.0.0.1 255.0.255.0\n",
		  "interface Vlan1\n2 % Invalid input\n" },
		{ "interface Vlan1\n mtu 99999\n", "interface Vlan1\n2 % Invalid input\n" },
		{ "ip access-list A\n permit tcp 10.0.0.999/8 any\n",
		  "ip access-list A\n2 % Invalid input\n" },
		{ "ip access-list A\n 10 permit ip any any\n 10 deny ip any any\n",
		  "ip access-list A\n   10 permit ip any any\n3 % Duplicate sequence number\n" },
		{ "interface Vlan1\n ip address 10.0.0.1/24\ninterface Vlan2\n"
		  " ip address 10.0.0.129/25\n",
		  "interface Vlan1\n   ip address 10.0.0.1/24\n!\ninterface Vlan2\n"
		  "4 % Subnet 10.0.0.129/25 overlaps with existing subnet 10.0.0.1/24 of Vlan1\n" },
		{ "router ospf 1\nrouter ospf 2\n",
		  "router ospf 1\n2 % More than 1 OSPF instance is not supported\n" },
		{ "router bgp 1\nrouter bgp 2\n",
		  "router bgp 1\n2 % BGP is already running with AS number 1\n" },
		{ "interface Ethernet1\n channel-group 1 mode active\ninterface Ethernet2\n"
		  " channel-group 1 mode on\n",
		  "interface Ethernet1\n   channel-group 1 mode active\n!\ninterface Ethernet2\n"
		  "4 % Cannot change mode; remove all members and try again.\n" },
		{ "username x secret\n", "1 % Incomplete command\n" },
		{ "username x secret sha512 notahash\n", "1 % Invalid input\n" },
		{ "commit\n", "1 % Invalid input\n" },
		{ "daemon X\n   exec /bin/x\n!\nfoo bar\n",
		  "daemon X\n   exec /bin/x\n4 % Invalid input\n" },
	};

	(void)state;
	check("", v, COUNT(v));
}

static void
same_subnet__is_fine_in_another_vrf_or_on_the_same_port(void **state)
{
	static const struct example v[] = {
		{ "interface Vlan1\n vrf A\n ip address 10.0.0.1/24\ninterface Vlan2\n vrf B\n"
		  " ip address 10.0.0.1/24\n",
		  "interface Vlan1\n   vrf A\n   ip address 10.0.0.1/24\n!\n"
		  "interface Vlan2\n   vrf B\n   ip address 10.0.0.1/24\n" },
		{ "interface Vlan1\n ip address 10.0.0.1/24\n ip address 10.0.0.2/24\n",
		  "interface Vlan1\n   ip address 10.0.0.2/24\n" },
		/* Moving to a VRF takes the address off. */
		{ "interface Vlan1\n ip address 10.0.0.1/24\n vrf A\n",
		  "interface Vlan1\n   vrf A\n" },
	};

	(void)state;
	check("", v, COUNT(v));
}

static void
texts__go_to_their_eof_and_back(void **state)
{
	static const struct example v[] = {
		{ "banner login\n  two\n\n! lines\nEOF\nhostname a\n",
		  "hostname a\n!\nbanner login\n  two\n\n! lines\nEOF\n" },
		{ "management api http-commands\n protocol https certificate\ncert\nEOF\nkey\nEOF\n"
		  " no shutdown\n",
		  "management api http-commands\n   no shutdown\n   !\n"
		  "   protocol https certificate\ncert\nEOF\nkey\nEOF\n" },
		{ "interface Ethernet1\n   comment\nwhy\nEOF\n   shutdown\n",
		  "interface Ethernet1\n   !! why\n   shutdown\n" },
		{ "interface Ethernet1\n   !! one\n   !! two\n",
		  "interface Ethernet1\n   !! one\n   !! two\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(v); i++) {
		char *once = outcome("", v[i].lines), *twice = outcome("", once);

		if (i != 1)
			assert_string_equal(once, v[i].shown);
		assert_string_equal(twice, once);
		free(once);
		free(twice);
	}
}

static void
loose_modes__follow_indentation(void **state)
{
	static const char lines[] =
	    "flow tracking hardware\n   tracker T\n      exporter E\n"
	    "         collector 127.0.0.1\n   no shutdown\n!\nhostname a\n";
	static const struct example v[] = {
		{ lines, "flow tracking hardware\n   !\n   tracker T\n      !\n      exporter E\n"
		  "         collector 127.0.0.1\n   !\n   no shutdown\n!\nhostname a\n" },
	};

	(void)state;
	check("", v, COUNT(v));
}

static void
clear_passwords__are_stored_as_hashes(void **state)
{
	char *a = outcome("", "username x privilege 15 secret 0 hunter2\n");
	char *b = outcome("", "username x privilege 15 secret hunter2\n");
	char *c = outcome("", "router bgp 1\n   neighbor 10.0.0.1 password hunter2\n");
	char *hash = strstr(a, "$6$");

	(void)state;
	assert_non_null(hash);
	assert_ptr_equal(strstr(a, "username x privilege 15 secret sha512 $6$"), a);
	assert_string_not_equal(a, b);	/* another salt each time */
	hash[strcspn(hash, "\n")] = '\0';
	assert_true(eos_password_fits(hash, "hunter2"));
	assert_false(eos_password_fits(hash, "hunter3"));
	assert_non_null(strstr(c, "neighbor 10.0.0.1 password 7 "));
	assert_null(strstr(c, "hunter2"));
	free(a);
	free(b);
	free(c);
}

static void
natural_order__counts_digits_as_numbers(void **state)
{
	static const char *const v[] = {
		"Ethernet1", "Ethernet1.5", "Ethernet1/2", "Ethernet2", "Ethernet10", "Vlan1",
	};

	(void)state;
	for (size_t i = 0; i + 1 < COUNT(v); i++) {
		assert_true(natural_cmp(v[i], v[i + 1]) < 0);
		assert_true(natural_cmp(v[i + 1], v[i]) > 0);
		assert_int_equal(natural_cmp(v[i], v[i]), 0);
	}
}

static void
diff__is_unified_and_empty_when_equal(void **state)
{
	static const struct {
		const char *a, *b, *want;
	} v[] = {
		{ "x\n", "x\n", "" },
		{ "", "", "" },
		{ "1\n2\n3\n4\n5\n6\n", "1\n2\n3\n4\nfive\n6\n",
		  "--- A\n+++ B\n@@ -2,5 +2,5 @@\n 2\n 3\n 4\n-5\n+five\n 6\n" },
		{ "", "new\n", "--- A\n+++ B\n@@ -0,0 +1,1 @@\n+new\n" },
		{ "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n", "b\nc\nd\ne\nf\ng\nh\ni\n",
		  "--- A\n+++ B\n@@ -1,4 +1,3 @@\n-a\n b\n c\n d\n"
		  "@@ -7,4 +6,3 @@\n g\n h\n i\n-j\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(v); i++) {
		struct buf out = BUF_INIT;

		diff_unified(span_str(v[i].a), span_str(v[i].b), "A", "B", &out);
		assert_string_equal(buf_str(&out), v[i].want);
		buf_release(&out);
	}
}

/* Real configurations, when the corpus is there: nearly every line is
 * accepted, and what is shown is accepted again and shown the same. */
static void
one_real_file(const char *path)
{
	struct node *root = tree_new();
	struct refused r = { BUF_INIT, 0, 0 };
	struct buf once = BUF_INIT, diff = BUF_INIT;
	struct conf c;
	char *text, *twice;
	size_t len;

	assert_int_equal(file_read(path, 1 << 24, &text, &len, NULL), 0);
	conf_init(&c, &EOS_GRAMMAR, NULL, NULL);
	c.root = root;
	conf_load(&c, span_of(text, len), note, &r);
	if (r.n > 4)
		print_message("%s: %s", path, buf_str(&r.text));
	assert_true(r.n <= 4);
	tree_render(root, &once);
	twice = outcome("", buf_str(&once));
	diff_unified(buf_span(&once), span_str(twice), "shown", "shown again", &diff);
	if (diff.len > 0)
		print_message("%s: %s", path, buf_str(&diff));
	assert_int_equal(diff.len, 0);
	buf_release(&diff);
	free(twice);
	free(text);
	conf_release(&c);
	tree_free(root);
	buf_release(&once);
	buf_release(&r.text);
}

static void
real_configurations__are_accepted_and_settle(void **state)
{
	static const char dir[] = "../shared/corpus/eos";
	DIR *d = opendir(dir);
	struct dirent *e;
	char path[512];

	(void)state;
	if (d == NULL) {
		print_message("skipped: no %s\n", dir);
		return;
	}
	while ((e = readdir(d)) != NULL) {
		/* One of them is of another system altogether. */
		if (strstr(e->d_name, ".cfg") == NULL || strstr(e->d_name, "fake_rcvr") != NULL)
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		one_real_file(path);
	}
	closedir(d);
}

static void
a_long_section__loads_in_moments(void **state)
{
	struct buf lines = BUF_INIT;
	struct mono start = sys_mono(sys_real());
	char *got;

	(void)state;
	buf_adds(&lines, "ip access-list LONG\n");
	for (int i = 5000; i > 0; i--)
		buf_addf(&lines, "   %d permit ip host 10.%d.%d.1 any\n", i, i / 256, i % 256);
	got = outcome("", buf_str(&lines));
	assert_true(mono_diff_ms(sys_mono(sys_real()), start) < 20000);
	assert_non_null(strstr(got, "LONG\n   1 permit"));
	free(got);
	buf_release(&lines);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines__are_shown_in_the_devices_order_and_form),
		cmocka_unit_test(no__removes_what_the_words_say),
		cmocka_unit_test(defaults__are_hidden_or_come_back),
		cmocka_unit_test(wrong_lines__get_the_devices_errors),
		cmocka_unit_test(same_subnet__is_fine_in_another_vrf_or_on_the_same_port),
		cmocka_unit_test(texts__go_to_their_eof_and_back),
		cmocka_unit_test(loose_modes__follow_indentation),
		cmocka_unit_test(clear_passwords__are_stored_as_hashes),
		cmocka_unit_test(natural_order__counts_digits_as_numbers),
		cmocka_unit_test(diff__is_unified_and_empty_when_equal),
		cmocka_unit_test(real_configurations__are_accepted_and_settle),
		cmocka_unit_test(a_long_section__loads_in_moments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
