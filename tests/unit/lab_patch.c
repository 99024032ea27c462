/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Patches typed into the simulated EOS, which has a parser and a mind of its own:
 * in a configuration session each line is taken without an error, and what runs
 * after the commit is what was wanted. Any two of the configurations below are a
 * pair, in both directions.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "devices/platform.h"
#include "diffing/patch.h"
/* The lab has a tree and dialects of its own. */
#define dialect lab_dialect
#define platform lab_platform
#include "lab/device.h"
#undef dialect
#undef platform

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define BASE \
    "hostname sw1\n" \
    "username admin privilege 15 role network-admin secret sha512 $6$abc$def\n" \
    "interface Ethernet1\ninterface Ethernet2\ninterface Ethernet3\n" \
    "interface Management1\n   ip address 192.0.2.1/24\n"

static const char *const configs[] = {
	BASE,
	BASE
	"vlan 10\n   name users\n"
	"vrf instance RED\n"
	"ip routing\n"
	"interface Ethernet1\n   description one\n   no switchport\n   vrf RED\n   ip address 10.0.0.1/31\n"
	"interface Ethernet2\n   no switchport\n   ip address 10.0.0.3/31\n   ip access-group A in\n"
	"ip access-list A\n   10 permit tcp any any eq ssh\n   20 deny ip any any\n",
	BASE
	"vlan 10\n   name staff\n"
	"vlan 20\n"
	"vrf instance BLUE\n"
	"ip routing\n"
	"interface Ethernet1\n   no switchport\n   ip address 10.0.0.3/31\n"
	"interface Ethernet2\n   no switchport\n   vrf BLUE\n   ip address 10.0.0.1/31\n   shutdown\n"
	"interface Vlan20\n   ip address 10.2.0.1/24\n"
	"ip access-list A\n   10 permit tcp any any eq ssh\n   15 permit tcp any any eq https\n   20 deny ip any any\n"
	"ip access-list B\n   10 permit ip any any\n",
	BASE
	"username bob privilege 1 secret sha512 $6$x$y\n"
	"vrf instance RED\n"
	"ip routing\n"
	"interface Ethernet1\n   no switchport\n   ip address 10.0.0.1/31\n   ip access-group B in\n"
	"interface Loopback0\n   ip address 10.0.0.100/32\n"
	"ip access-list B\n   10 permit ip any any\n"
	"ip prefix-list PL\n   seq 10 permit 10.0.0.0/8\n   seq 20 permit 192.168.0.0/16\n"
	"route-map IN permit 10\n   match ip address prefix-list PL\n   set local-preference 200\n"
	"route-map IN permit 20\n"
	"banner motd\nhello\nworld\nEOF\n"
	"router bgp 65000\n   router-id 10.0.0.100\n   neighbor P peer group\n"
	"   neighbor P remote-as 65001\n   neighbor P route-map IN in\n   neighbor 10.0.0.0 peer group P\n",
	BASE
	"ip routing\n"
	"interface Ethernet1\n   no switchport\n   ip address 10.0.0.1/31\n   ip access-group C in\n"
	"interface Ethernet3\n   switchport access vlan 30\n"
	"vlan 30\n"
	"interface Loopback0\n   ip address 10.0.0.101/32\n"
	"ip access-list C\n   10 permit ip any any\n"
	"ip prefix-list PL\n   seq 10 permit 10.0.0.0/8 le 24\n"
	"ip prefix-list NEW\n   seq 5 permit 0.0.0.0/0\n"
	"route-map IN permit 10\n   match ip address prefix-list NEW\n   set local-preference 300\n"
	"banner motd\nhello all\nEOF\n"
	"router bgp 65000\n   router-id 10.0.0.101\n   neighbor P peer group\n"
	"   neighbor P remote-as 65001\n   neighbor P route-map IN in\n   neighbor 10.0.0.4 remote-as 65002\n"
	"   neighbor 10.0.0.4 description other\n",
	BASE
	"vlan 10\n   name users\nvlan 20,30\n"
	"vrf instance OLD\n"
	"ip routing\n"
	"interface Ethernet1\n   no switchport\n   vrf OLD\n   ip address 10.0.0.1/31\n"
	"interface Ethernet2\n   no switchport\n   ip address 10.0.0.3/31\n   shutdown\n"
	"interface Vlan10\n   vrf OLD\n   ip address 10.1.0.1/24\n"
	"ip access-list A\n   remark old\n   permit ip any any\n"
	"ip as-path access-list X permit 65000 any\n"
	"route-map OUT permit 10\n   match as-path X\n"
	"route-map OUT deny 20\n"
	"router bgp 65000\n   neighbor P peer group\n   neighbor P route-map OUT out\n"
	"   neighbor 10.0.0.0 peer group P\n   neighbor 10.0.0.0 description x\n"
	"   vrf OLD\n      neighbor 10.9.0.1 remote-as 65009\n",
	BASE
	"vlan 20\n   name rest\n"
	"vrf instance NEW\n"
	"ip routing\n"
	"interface Ethernet1\n   no switchport\n   vrf NEW\n   ip address 10.0.0.3/31\n"
	"interface Ethernet2\n   no switchport\n   vrf NEW\n   ip address 10.0.0.1/31\n"
	"interface Loopback0\n   ip address 10.1.0.1/32\n"
	"ip access-list A\n   10 permit tcp any any eq ssh\n   20 permit ip any any\n"
	"ip as-path access-list Y permit 65000 any\n"
	"route-map OUT permit 20\n   match as-path Y\n"
	"router bgp 65000\n   neighbor Q peer group\n   neighbor Q route-map OUT out\n"
	"   neighbor 10.0.0.0 peer group Q\n"
	"   address-family ipv4\n      neighbor Q activate\n      neighbor 10.0.0.0 activate\n"
	"   vrf NEW\n      neighbor 10.9.0.1 remote-as 65009\n",
};

static struct device *
new_device(const char *config)
{
	struct device_options o = {
		.lab_dialect = dialect_find("arista_eos"), .sys = sys_real(), .name = "sw1",
		.config = config, .user = "admin", .password = "pw", .index = 1,
	};
	struct device *dev;

	assert_int_equal(device_new(&dev, &o, NULL), 0);
	return dev;
}

static struct span
running(struct arena *a, struct device *dev)
{
	struct buf b = BUF_INIT;
	struct span s;

	dev->lab_dialect->render(dev->running, &b);
	s = span_of(arena_strndup(a, buf_str(&b), b.len), b.len);
	buf_release(&b);
	return s;
}

/* NULL, or the line that the device did not take. */
static const char *
type(struct arena *a, struct cli *cli, struct span text)
{
	struct span line;

	while (span_line(&text, &line)) {
		char *typed = arena_printf(a, "%.*s\n", (int)line.len, line.p);

		buf_clear(&cli->term.out);
		term_feed(&cli->term, typed, strlen(typed));
		if (strstr(buf_str(&cli->term.out), "\n% ") != NULL)
			return arena_strdup(a, buf_str(&cli->term.out));
	}
	return NULL;
}

static const char *
diff_of_texts(struct arena *a, const struct dialect *d, struct span from, struct span to)
{
	static const struct mask_key key;
	struct buf out = BUF_INIT;
	const char *text;

	diff_text(diff_make(a, d, from, to), &key, false, &out);
	text = arena_strdup(a, buf_str(&out));
	buf_release(&out);
	return text;
}

static void
take(struct arena *a, const struct dialect *d, const char *from, const char *to)
{
	struct device *dev = new_device(from), *other = new_device(to);
	struct cli *cli = dev->lab_dialect->open(dev, "admin", 2, true, 0, 0);
	struct span want = running(a, other);
	struct err err = ERR_INIT;
	struct buf text = BUF_INIT;
	struct patch *p;
	const char *wrong;

	dev->lab_dialect->login(cli);
	if (patch_make(a, d, running(a, dev), want, &p, &err) != 0)
		fail_msg("%s", err.text);
	patch_text(p, NULL, &text);
	wrong = type(a, cli, span_str("enable\nconfigure session s\n"));
	if (wrong == NULL)
		wrong = type(a, cli, buf_span(&text));
	if (wrong == NULL)
		wrong = type(a, cli, span_str("commit\n"));
	if (wrong != NULL || !diff_same(diff_make(a, d, running(a, dev), want))) {
		print_message("%s\nof\n%s\nfrom\n%s\nto\n%s\n", wrong != NULL ? wrong : "differs",
		    buf_str(&text), from, to);
		print_message("%s\n", diff_of_texts(a, d, running(a, dev), want));
		fail();
	}
	buf_release(&text);
	dev->lab_dialect->close(cli);
	device_free(dev);
	device_free(other);
}

static void
patch__is_taken_by_the_simulator_and_ends_in_what_was_wanted(void **state)
{
	struct platforms *all = NULL;
	struct arena arena = ARENA_INIT;
	struct problems ps;
	const struct dialect *d;

	(void)state;
	problems_init(&ps, &arena);
	assert_int_equal(platforms_load(&all, NULL, &ps, NULL), 0);
	d = platform_dialect(platforms_find(all, "arista_eos"));
	for (size_t i = 0; i < COUNT(configs); i++)
		for (size_t k = 0; k < COUNT(configs); k++) {
			struct arena a = ARENA_INIT;

			take(&a, d, configs[i], configs[k]);
			arena_release(&a);
		}
	platforms_free(all);
	arena_release(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patch__is_taken_by_the_simulator_and_ends_in_what_was_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
