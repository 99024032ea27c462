/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands for a change: each style by example, and the properties they exist
 * for. Of random configurations, the commands typed into a strict device line by
 * line end in the configuration that was wanted, and on the way nothing undefined
 * is used, nothing in use is removed or emptied, no address is in two places, and
 * nothing is typed that changes nothing.
 */
#include "diffing/patch.h"
#include "tests/unit/diffing_gen.h"

#define SEEDS 2000
#define TREE_MAX 16
#define COUNT(v) (sizeof(v) / sizeof((v)[0]))

static const struct dialect_text TEXT = {
	.syntax = SYNTAX_INDENT,
	.comments = { "!" },
	.separators = { { .name = "bang", .line = "^!" }, { .name = "exit", .line = "^exit$" } },
	.ordered = {
	    { .name = "acl", .line = "^ip access-list ", .other = "^\\d+ " },
	    { .name = "servers", .line = "^servers " },
	},
	.sequences = { { .name = "hosts", .line = "^host(?= )" }, { .name = "numbered", .line = "^access-list \\S+(?= )" } },
	.ranges = { { .name = "vlans", .line = "^vlan (?<list>\\d+[,-][\\d,-]*)$" },
	    { .name = "trunk", .line = "^trunk vlan (?<add>add )?(?<list>\\d[\\d,-]*)$" },
	    { .name = "batch", .line = "^batch (?=(?<add>\\d))(?<list>\\d+(?: (?:to )?\\d+)*)$" } },
	.blocks = { { .name = "banner", .line = "^banner (login|motd)$", .other = "^EOF$" } },
	.volatiles = { { .name = "clock", .line = "^ntp clock-period " } },
	.owned = { { .name = "licence", .line = "^license " } },
	.secrets = { { .name = "user", .line = "^username \\S+ secret (?<secret>\\S+)" } },
	.identities = {
	    { .name = "description", .line = "^description (?<value>.*)$" },
	    { .name = "policy", .line = "^service-policy (?<value>.*)$" },
	    { .name = "hostname", .line = "^hostname (?<value>.*)$" },
	    { .name = "address", .line = "^ip address (?<value>\\S+)$" },
	    { .name = "vrf", .line = "^vrf forwarding (?<value>\\S+)$" },
	    { .name = "group", .line = "^ip access-group (?<value>\\S+) in$" },
	    { .name = "metric", .line = "^set metric (?<value>\\S+)$" },
	    { .name = "filter", .line = "^neighbor \\S+ route-map (?<value>\\S+) in$" },
	    { .name = "source", .line = "^neighbor \\S+ update-source (?<value>\\S+)$" },
	    { .name = "trunk", .line = "^trunk vlan (?<value>.*)$" },
	    { .name = "bgp", .line = "^area (?<value>\\d+)$" },
	},
	.commands = COMMANDS_INDENT,
	.negation = "no ",
	.exit = "exit",
	.references = {
	    { .name = "vrf", .line = "^vrf definition (?<name>\\S+)$", .other = "^vrf forwarding (?<name>\\S+)$" },
	    { .name = "acl", .line = "^ip access-list (?<name>\\S+)$", .other = "(?:access-group|match ip address) (?<name>\\S+)" },
	    { .name = "numbered", .line = "^access-list (?<name>\\S+) ", .other = "access-group (?<name>\\S+)" },
	    { .name = "map", .line = "^route-map (?<name>\\S+) ", .other = "\\S.* route-map (?<name>\\S+)" },
	    { .name = "loop", .line = "^interface (?<name>Loop\\d+)$", .other = " update-source (?<name>\\S+)$" },
	    { .name = "peer", .line = "^neighbor (?<name>\\S+) peer-group$", .other = "^neighbor \\S+ peer-group (?<name>\\S+)$" },
	},
	.negations = {
	    { .name = "entry", .line = "^(?<n>\\d+) (?:permit|deny) ", .with = "no ${n}" },
	    { .name = "port", .line = "^interface (?<name>Eth\\d+)$", .with = "default interface ${name}" },
	    { .name = "key", .line = "^username (?<name>\\S+) key ", .with = "no username ${name} key" },
	    { .name = "user", .line = "^username (?<name>\\S+) ", .with = "no username ${name}" },
	    { .name = "entry", .line = "^entry (?<n>\\d+) (?<what>.*)", .with = "list ${n}\nno ${what}" },
	},
	.resets = { { .name = "vrf", .line = "^vrf forwarding ", .other = "^ip address " } },
	.modes = { { .name = "family", .line = "^address-family " } },
	.exclusive = { { .name = "policy", .line = "^service-policy " } },
	.kept = { { .name = "default", .line = "^route 0\\.0\\.0\\.0/0 " } },
	.reset = "default ",
};
static const struct dialect_text SET_TEXT = {
	.syntax = SYNTAX_BRACE,
	.paths = true,
	.comments = { "#", "/*" },
	.forms = { { SYNTAX_SET, "^(?:set|delete|deactivate|activate) " } },
	.verbs = { { "set ", VERB_ADDS, NULL }, { "delete ", VERB_DELETES, NULL },
	    { "deactivate ", VERB_MARKS, "inactive:" }, { "activate ", VERB_ADDS, NULL },
	    { "insert ", VERB_MOVES, NULL } },
	.separators = { { .name = "note", .line = "^#" } },
	.ordered = { { .name = "terms", .line = " term$" }, { .name = "chain", .line = " import$" } },
	.owned = { { .name = "keys", .line = "^system license$" } },
	.secrets = { { .name = "password", .line = "password \"?(?<secret>[^\"\\s;]+)" } },
	.lists = { { .name = "address", .line = " address$" } },
	.commands = COMMANDS_SET,
	.negation = "delete ",
};
static const struct dialect_text FIXED_TEXT = {
	.syntax = SYNTAX_BRACE,
	.paths = true,
	.forms = { { SYNTAX_SET, "^(?:set|delete) " } },
	.verbs = { { "set ", VERB_ADDS, NULL }, { "delete ", VERB_DELETES, NULL },
	    { "comment ", VERB_MARKS, "comment:" } },
	.ordered = { { .name = "terms", .line = " term$" } },
	.quote = "'",
	.line_ends = true,
	.commands = COMMANDS_SET,
};
static const struct dialect_text MENU_TEXT = {
	.syntax = SYNTAX_SECTION,
	.comments = { "#" },
	.separators = { { .name = "note", .line = "^#" } },
	.verbs = { { "add", VERB_ADDS, NULL }, { "set", VERB_ADDS, NULL }, { "remove", VERB_DELETES, NULL } },
	.ordered = { { .name = "filter", .line = "^/ip firewall filter$" } },
	.identities = { { .name = "setting", .line = "^set (?<value>.*)$" },
	    { .name = "named", .line = "^add (?:(?<value>.*) )?name=\\S+$" } },
	.secrets = { { .name = "password", .line = "password=(?<secret>\\S+)" } },
	.references = { { "bridge", "^add (?:.* )?name=(?<name>\\S+)", "^/interface bridge$", "\\binterface=(?<name>\\S+)", NULL, false, false } },
	.commands = COMMANDS_SECTION,
};

/* The commands, or the error behind "! ". */
static const char *
commands(struct arena *a, const struct dialect *d, struct span from, struct span to,
    const struct mask_key *key)
{
	struct err err = ERR_INIT;
	struct buf out = BUF_INIT;
	struct patch *p;
	const char *text;

	if (patch_make(a, d, from, to, &p, &err) != 0) {
		assert_int_equal(err.code, ERR_UNSUPPORTED);
		assert_true(err.next[0] != '\0');
		return arena_printf(a, "! %s", err.text);
	}
	patch_text(p, key, &out);
	text = arena_strndup(a, buf_str(&out), out.len);
	buf_release(&out);
	return text;
}

struct patch_case {
	const char *name;
	const struct dialect_text *dialect;
	const char *from, *to, *commands;
};

static const struct patch_case cases[] = {
	{ "what is the same needs no command", &TEXT, "a\nb\n", "b\n!\na\n", "" },
	{ "what is ignored is not touched", &TEXT,
	    "ntp clock-period 1\nlicense x\na\n", "ntp clock-period 2\nlicense y\na\n", "" },
	{ "a line goes by `no`, and a negated one by what it negates", &TEXT,
	    "interface A\n shutdown\n no ip redirects\n x\n", "interface A\n x\n",
	    "interface A\n default ip redirects\n no shutdown\n exit\n" },
	{ "a line is negated in place of its positive form", &TEXT,
	    "interface A\n shutdown\n", "interface A\n no shutdown\n",
	    "interface A\n no shutdown\n exit\n" },
	{ "a changed line is only its new form", &TEXT,
	    "interface A\n  description one\n", "interface A\n  description two\n",
	    "interface A\n  description two\n  exit\n" },
	{ "a section goes as one", &TEXT,
	    "interface A\n a\n b\n  c\n", "x\n", "no interface A\nx\n" },
	{ "a rule says how a line is taken back", &TEXT,
	    "interface Eth1\n a\ninterface Eth2\n", "interface Eth2\n", "default interface Eth1\n" },
	{ "a new section is entered with all below it", &TEXT,
	    "a\n", "a\nrouter bgp 1\n af v4\n  x\n af v6\n  y\n z\n",
	    "router bgp 1\n af v4\n  x\n  exit\n af v6\n  y\n  exit\n z\n exit\n" },
	{ "a new section without lines is left, when others like it have some", &TEXT,
	    "interface A\n a\n", "interface A\n a\ninterface B\nip routing\n",
	    "interface B\n exit\nip routing\n" },
	{ "deeper changes share their way in", &TEXT,
	    "r 1\n af v4\n  a\n  b\n c\n", "r 1\n af v4\n  d\n  e\n f\n",
	    "r 1\n no c\n af v4\n  no b\n  no a\n  d\n  e\n  exit\n f\n exit\n" },
	{ "a changed header is typed, and what changed below it", &TEXT,
	    "r\n area 1\n  a\n  b\n", "r\n area 2\n  a\n  c\n",
	    "r\n area 2\n  no b\n  c\n  exit\n exit\n" },
	{ "a block is sent whole, and goes by the line that names it", &TEXT,
	    "banner motd\n one\nEOF\nbanner login\nx\nEOF\n", "banner motd\n  two\t\nEOF\n",
	    "no banner login\nbanner motd\n  two\t\nEOF\n" },
	{ "an entry goes by its number, before the next takes it", &TEXT,
	    "ip access-list A\n 10 permit a\n 20 permit b\n", "ip access-list A\n 10 permit c\n 20 permit b\n",
	    "ip access-list A\n no 10\n 10 permit c\n exit\n" },
	{ "a list in use is never empty", &TEXT,
	    "ip access-list A\n 10 permit a\ni\n ip access-group A in\n",
	    "ip access-list A\n 10 permit b\n 20 permit c\ni\n ip access-group A in\n",
	    "ip access-list A\n 20 permit c\n no 10\n 10 permit b\n exit\n" },
	{ "the only entry of a list in use cannot change", &TEXT,
	    "ip access-list A\n 10 permit a\ni\n ip access-group A in\n",
	    "ip access-list A\n 10 permit b\ni\n ip access-group A in\n",
	    "! platform test: the only entry of \"ip access-list A\" cannot be replaced under its own "
	    "number: the list is in use and must not be empty" },
	{ "that of a list that is not in use can", &TEXT,
	    "ip access-list A\n 10 permit a\n", "ip access-list A\n 10 permit b\n",
	    "ip access-list A\n no 10\n 10 permit b\n exit\n" },
	{ "a remark does not make it one that is not empty", &TEXT,
	    "ip access-list A\n 5 remark x\n 10 permit a\ni\n ip access-group A in\n",
	    "ip access-list A\n 5 remark x\n 7 remark y\n 10 permit b\n 20 permit c\ni\n ip access-group A in\n",
	    "ip access-list A\n 20 permit c\n 7 remark y\n no 10\n 10 permit b\n exit\n" },
	{ "a list that goes out of use changes after that", &TEXT,
	    "ip access-list A\n 10 permit a\ni\n ip access-group A in\n z\n",
	    "ip access-list A\n 10 permit b\ni\n z\n",
	    "i\n no ip access-group A in\n exit\nip access-list A\n no 10\n 10 permit b\n exit\n" },
	{ "what says the same under another number goes first", &TEXT,
	    "ip access-list A\n 10 permit a\n 20 permit b\ni\n ip access-group A in\n",
	    "ip access-list A\n 30 permit a\n 40 permit c\ni\n ip access-group A in\n",
	    "ip access-list A\n 40 permit c\n no 20\n no 10\n 30 permit a\n exit\n" },
	{ "without numbers, entries come at the end and go anywhere", &TEXT,
	    "servers S\n a\n b\n", "servers S\n b\n c\n", "servers S\n c\n no a\n exit\n" },
	{ "without numbers, none comes between", &TEXT,
	    "servers S\n a\n b\n", "servers S\n a\n c\n b\n",
	    "! platform test: the order of \"servers S\" cannot be changed by commands: an entry comes "
	    "between others" },
	{ "without numbers, none moves", &TEXT,
	    "servers S\n a\n b\n", "servers S\n b\n a\n",
	    "! platform test: the order of \"servers S\" cannot be changed by commands: an entry moved" },
	{ "a list of brothers is a list too", &TEXT, "host a\nhost b\nx\n", "host c\nhost a\nx\n",
	    "! platform test: the order of \"host\" cannot be changed by commands: an entry comes between "
	    "others" },
	{ "and grows at its end", &TEXT, "host a\nhost b\n", "host b\nhost c\n",
	    "no host a\nhost c\n" },
	{ "a default stays until the new one is there", &TEXT,
	    "route 0.0.0.0/0 a\nroute 1.0.0.0/8 a\n", "route 0.0.0.0/0 b\nroute 1.0.0.0/8 b\n",
	    "no route 1.0.0.0/8 a\nroute 0.0.0.0/0 b\nroute 1.0.0.0/8 b\nno route 0.0.0.0/0 a\n" },
	{ "what does not overwrite goes first", &TEXT,
	    "i\n service-policy A\n description 1\n", "i\n service-policy B\n description 2\n",
	    "i\n no service-policy A\n service-policy B\n description 2\n exit\n" },
	{ "an empty mode is left again", &TEXT,
	    "x\n", "x\nrouter bgp 1\n address-family ipv4\n neighbor a\n",
	    "router bgp 1\n address-family ipv4\n  exit\n neighbor a\n exit\n" },
	{ "what was denied and is said needs no command of its own", &TEXT,
	    "i\n no ip address\n no lldp\n", "i\n ip address 1\n",
	    "i\n default lldp\n ip address 1\n exit\n" },
	{ "what must be taken back from inside", &TEXT,
	    "entry 10 a\nentry 10 b\n", "entry 10 a\n", "list 10\n   no b\n   exit\n" },
	{ "a new list may have any order", &TEXT, "x\n", "x\nservers S\n b\n a\nhost z\nhost y\n",
	    "servers S\n b\n a\n exit\nhost z\nhost y\n" },
	{ "a name comes before its use and goes after it", &TEXT,
	    "i\n ip access-group OLD in\nip access-list OLD\n 10 permit a\n",
	    "i\n ip access-group NEW in\nip access-list NEW\n 10 permit a\n",
	    "ip access-list NEW\n 10 permit a\n exit\ni\n ip access-group NEW in\n exit\n"
	    "no ip access-list OLD\n" },
	{ "names of names too", &TEXT,
	    "x\n", "route-map R permit 10\n match ip address A\nip access-list A\n 10 permit a\n"
	    "r\n neighbor 1 route-map R in\nx\n",
	    "ip access-list A\n 10 permit a\n exit\nroute-map R permit 10\n match ip address A\n exit\n"
	    "r\n neighbor 1 route-map R in\n exit\n" },
	{ "names that need each other stand as they are written", &TEXT, "x\n",
	    "x\nroute-map R permit 10\n continue route-map S\nroute-map S permit 10\n continue route-map R\n",
	    "route-map S permit 10\n continue route-map R\n exit\nroute-map R permit 10\n"
	    " continue route-map S\n exit\n" },
	{ "the last entry of a name in use gives way to a new one", &TEXT,
	    "route-map R permit 10\n x\nr\n neighbor 1 route-map R in\n",
	    "route-map R permit 20\n y\nr\n neighbor 1 route-map R in\n",
	    "route-map R permit 20\n y\n exit\nno route-map R permit 10\n" },
	{ "but not under its own number", &TEXT,
	    "route-map R permit 10\n x\nr\n neighbor 1 route-map R in\n",
	    "route-map R deny 10\n x\nr\n neighbor 1 route-map R in\n",
	    "! platform test: \"R\" is in use and must not be gone: what it is now cannot be replaced "
	    "under its own number or name" },
	{ "a number may be the name of a list", &TEXT,
	    "access-list 10 permit a\nr\n ip access-group 10 in\n", "access-list 10 permit b\nr\n ip access-group 10 in\n",
	    "access-list 10 permit b\nno access-list 10 permit a\n" },
	{ "an address leaves one interface before it comes to another", &TEXT,
	    "interface A\n ip address 10.0.0.1/24\n a\ninterface B\n b\n",
	    "interface A\n a\ninterface B\n b\n ip address 10.0.0.1/24\n",
	    "interface A\n no ip address 10.0.0.1/24\n exit\ninterface B\n ip address 10.0.0.1/24\n exit\n" },
	{ "also when it is changed there", &TEXT,
	    "interface A\n ip address 10.0.0.1/24\ninterface B\n ip address 10.0.0.2/24\n",
	    "interface A\n ip address 10.0.0.2/24\ninterface B\n ip address 10.0.0.3/24\n",
	    "interface B\n ip address 10.0.0.3/24\n exit\ninterface A\n ip address 10.0.0.2/24\n exit\n" },
	{ "two addresses change places", &TEXT,
	    "interface A\n ip address 10.0.0.1/24\ninterface B\n ip address 10.0.0.2/24\n",
	    "interface A\n ip address 10.0.0.2/24\ninterface B\n ip address 10.0.0.1/24\n",
	    "interface B\n no ip address 10.0.0.2/24\n exit\ninterface A\n ip address 10.0.0.2/24\n exit\n"
	    "interface B\n ip address 10.0.0.1/24\n exit\n" },
	{ "an address moves from what is used until then to what takes its part", &TEXT,
	    "interface Loop1\n ip address 10.0.0.1/32\n a\nr\n neighbor 1 update-source Loop1\n",
	    "interface Loop2\n ip address 10.0.0.1/32\n a\nr\n neighbor 1 update-source Loop2\n",
	    "interface Loop1\n no ip address 10.0.0.1/32\n exit\n"
	    "interface Loop2\n ip address 10.0.0.1/32\n a\n exit\n"
	    "r\n neighbor 1 update-source Loop2\n exit\nno interface Loop1\n" },
	{ "a vrf goes with its interfaces", &TEXT,
	    "vrf definition V\n rd 1\ninterface A\n vrf forwarding V\ninterface B\n vrf forwarding V\n b\n",
	    "interface B\n b\n",
	    "interface B\n no vrf forwarding V\n exit\nno interface A\nno vrf definition V\n" },
	{ "what the device forgets is sent again", &TEXT,
	    "vrf definition V\n rd 1\ninterface A\n ip address 10.0.0.1/24\n",
	    "vrf definition V\n rd 1\ninterface A\n vrf forwarding V\n ip address 10.0.0.1/24\n",
	    "interface A\n vrf forwarding V\n ip address 10.0.0.1/24\n exit\n" },
	{ "also when the line goes", &TEXT,
	    "vrf definition V\n rd 1\ninterface A\n ip address 10.0.0.1/24\n vrf forwarding V\n",
	    "vrf definition V\n rd 1\ninterface A\n ip address 10.0.0.1/24\n",
	    "interface A\n no vrf forwarding V\n ip address 10.0.0.1/24\n exit\n" },
	{ "what a command takes along is sent again", &TEXT,
	    "username a key k\nusername a secret s\nusername b secret s\n",
	    "username a key k\nusername b secret s\n",
	    "no username a\nusername a key k\n" },
	{ "numbers that other lines keep stay", &TEXT,
	    "vlan 10,20,30-33\nx\n", "vlan 20\n name a\nvlan 31-32\nx\n",
	    "no vlan 10,30,33\nvlan 20\n name a\n exit\nvlan 31-32\n exit\n" },
	{ "as the platform writes them", &TEXT,
	    "batch 10 20 to 24\nbatch 30\nx\n", "batch 20 to 22\nx\nbatch 40\n",
	    "no batch 10 23 to 24 30\nbatch 20 to 22\nbatch 40\n" },
	{ "numbers on several lines come as they stand", &TEXT,
	    "trunk vlan 1,2\n", "trunk vlan 1-3\ntrunk vlan add 7\n", "trunk vlan 1-3\ntrunk vlan add 7\n" },
	{ "a single number that became part of a line stays", &TEXT,
	    "vlan 10\n name a\nx\n", "vlan 10-12\nx\n",
	    "vlan 10\n no name a\n exit\nvlan 10-12\n exit\n" },
	{ "secrets are masked, also in what takes them back", &TEXT,
	    "username a secret geheim\n", "username b secret neu\n",
	    "no username a\nusername b secret <secret>\n" },

	{ "paths: deleted, then set, then marked", &SET_TEXT,
	    "a { b x; c { d; e; } }\n", "a { b y; inactive: f { g; } }\n",
	    "delete a c\ndelete a b\nset a b y\nset a f g\ndeactivate a f\n" },
	{ "paths: a mark is taken back by the opposite verb", &SET_TEXT,
	    "inactive: a { b; }\n", "a { b; }\n", "activate a\n" },
	{ "paths: without one by deleting it", &FIXED_TEXT,
	    "set a b\ncomment a note\n", "set a b\n", "delete a note\n" },
	{ "paths: one value of a list", &SET_TEXT,
	    "a { l [ x y z ]; }\n", "a { l [ x z w ]; }\n", "delete a l y\nset a l w\n" },
	{ "paths: what owns the device stays when all around it goes", &SET_TEXT,
	    "system { license { k; } a; }\nb;\n", "b;\n", "delete system a\n" },
	{ "paths: what was above the last is there again", &SET_TEXT,
	    "a { b { c; } }\n", "a { b; }\n", "delete a b c\nset a b\n" },
	{ "paths: words with blanks have quotes", &SET_TEXT,
	    "a;\n", "a;\ndescription \"x y\";\n", "set description \"x y\"\n" },
	{ "paths: what comes between is inserted", &SET_TEXT,
	    "p P { term A { x; } term B { y; } }\n",
	    "p P { term N { x; } term A { x; } term C { z; } term B { y; } term D { z; } }\n",
	    "set p P term N x\nset p P term C z\nset p P term D z\ninsert p P term N before term A\n"
	    "insert p P term C after term A\n" },
	{ "paths: what moves is inserted, values without the word of their list", &SET_TEXT,
	    "g { import [ a b c ]; }\n", "g { import [ b c a ]; }\n", "insert g import a after c\n" },
	{ "paths: without such a verb it is refused", &FIXED_TEXT,
	    "set p P term A x\nset p P term B y\n", "set p P term N x\nset p P term A x\nset p P term B y\n",
	    "! platform test: the order of \"p P term\" cannot be changed by commands: \"p P term N\" would have "
	    "to come between others" },
	{ "paths: what comes at the end needs none", &FIXED_TEXT,
	    "set p P term A x\n", "set p P term A x\nset p P term B 'y z'\n", "set p P term B 'y z'\n" },
	{ "paths: a comment has no command", &SET_TEXT, "a { b; }\n", "a { /* note */ b; }\n",
	    "! platform test: a comment below \"a\" cannot be written as a command" },
	{ "paths: secrets", &SET_TEXT, "u { password \"geheim\"; }\n", "u { password \"neu\"; }\n",
	    "delete u password\nset u password <secret>\n" },
	{ "paths: a value may have quotes in it", &SET_TEXT, "a { b; }\n", "a { b; c \"x \\\"y\\\"\"; }\n",
	    "set a c \"x \\\"y\\\"\"\n" },
	{ "paths: but not the ones around it, where nothing escapes them", &FIXED_TEXT, "a b\n",
	    "a b\na c \"it's\"\n",
	    "! platform test: a word holds a quote or a line end, which its line cannot hold" },
	{ "paths: one of several values goes by its name", &SET_TEXT,
	    "a { b [ x y ]; }\n", "a { b [ y z ]; }\n", "delete a b x\nset a b z\n" },
	{ "paths: so does one that may be", &SET_TEXT,
	    "a { address 1; }\n", "a { address 2; }\n", "delete a address 1\nset a address 2\n" },
	{ "paths: a setting is marked without its value", &SET_TEXT,
	    "a { b x; c; }\n", "a { inactive: b x; c; }\n", "deactivate a b\n" },
	{ "paths: what may be one of several with it", &SET_TEXT,
	    "set a address 1\nset a c\ndeactivate a address 1\n", "a { address 1; c; }\n",
	    "activate a address 1\n" },


	{ "menus: items come, go and change", &MENU_TEXT,
	    "/ip address\nadd address=1/24 interface=a\nadd address=2/24 interface=a\n/interface bridge\nadd mtu=1 name=b\n",
	    "/ip address\nadd address=1/24 interface=a\nadd address=3/24 interface=a\n/interface bridge\nadd mtu=2 name=b\n",
	    "/ip address\nremove [ find address=2/24 interface=a ]\nadd address=3/24 interface=a\n"
	    "/interface bridge\nset [ find name=b ] mtu=2\n" },
	{ "menus: what is used is there", &MENU_TEXT,
	    "/ip address\nadd address=1/24 interface=old\n/interface bridge\nadd name=old\n",
	    "/ip address\nadd address=1/24 interface=new\n/interface bridge\nadd name=new\n",
	    "/interface bridge\nadd name=new\n/ip address\nremove [ find address=1/24 interface=old ]\n"
	    "add address=1/24 interface=new\n/interface bridge\nremove [ find name=old ]\n" },
	{ "menus: a parameter goes", &MENU_TEXT, "/i\nadd comment=\"a b\" mtu=1 name=b\n", "/i\nadd mtu=1 name=b\n",
	    "/i\nset [ find name=b ] !comment\n" },
	{ "menus: a setting is set", &MENU_TEXT, "/id\nset name=a\n", "/id\nset name=b\n", "/id\nset name=b\n" },
	{ "menus: its default is not known", &MENU_TEXT, "/id\nset name=a\n", "/x\nset a=b\n",
	    "! platform test: an item of \"/id\", line 2, falls back to a default that is not known" },
	{ "menus: what `find` would find twice stays", &MENU_TEXT,
	    "/x\nadd a=1\nadd a=1 b=2\n", "/x\nadd a=1 b=2\n",
	    "! platform test: an item of \"/x\", line 2, cannot be removed alone: another has the same parameters" },
	{ "menus: in order, items come at the end only", &MENU_TEXT,
	    "/ip firewall filter\nadd a=1\nadd a=2\n", "/ip firewall filter\nadd a=1\nadd a=3\nadd a=2\n",
	    "! platform test: an item of \"/ip firewall filter\", line 3, would have to come between others" },
	{ "menus: and do not move", &MENU_TEXT,
	    "/ip firewall filter\nadd a=1\nadd a=2\n", "/ip firewall filter\nadd a=2\nadd a=1\n",
	    "! platform test: an item of \"/ip firewall filter\", line 3, has another place among the others" },
	{ "menus: secrets", &MENU_TEXT, "/s\nadd name=a password=geheim\n", "/s\nadd name=b password=neu\n",
	    "/s\nremove [ find name=a password=<secret> ]\nadd name=b password=<secret>\n" },
	{ "no commands, no patch", &EOS_TEXT, "a\n", "b\n",
	    "! platform test: changes cannot be written as commands" },
};

/* Fingerprints are not the point. */
static const char *
without_prints(struct arena *a, const char *text)
{
	const char *at;

	while ((at = strstr(text, "<secret:")) != NULL)
		text = arena_printf(a, "%.*s<secret>%s", (int)(at - text), text, strchr(at, '>') + 1);
	return text;
}

static void
patch__says_what_a_person_would_type(void **state)
{
	size_t wrong = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct patch_case *c = &cases[i];
		struct test_dialect *t = test_dialect(c->dialect);
		struct arena a = ARENA_INIT;
		const char *got = without_prints(&a, commands(&a, &t->d, span_str(c->from),
		    span_str(c->to), &TEST_KEY));

		if (strcmp(got, c->commands) != 0 && ++wrong > 0)
			print_message("%s:\n%s\ninstead of\n%s\n", c->name, got, c->commands);
		arena_release(&a);
		test_dialect_free(t);
	}
	assert_int_equal(wrong, 0);
}

static void
patch__gives_the_device_the_real_secrets(void **state)
{
	struct test_dialect *t = test_dialect(&TEXT);
	struct arena a = ARENA_INIT;

	(void)state;
	assert_string_equal(commands(&a, &t->d, span_str("x\n"), span_str("x\nusername a secret geheim\n"), NULL),
	    "username a secret geheim\n");
	arena_release(&a);
	test_dialect_free(t);
}

/* cmocka cuts long messages. */
#define stop(...) (print_message(__VA_ARGS__), fail())

/* --- a strict device --- */

#define LINES 16
#define SECTIONS 40
struct section {
	char header[64];	/* "": a line of the top level, in lines[0] */
	char lines[LINES][64];
	size_t n;
};
struct box {
	struct section v[SECTIONS];
	size_t n;
	struct section *in;
	char why[256];
};

static bool
starts(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

static bool
is_section(const char *line)
{
	return starts(line, "interface ") || starts(line, "vrf definition ") ||
	    starts(line, "ip access-list ") || starts(line, "route-map ") || starts(line, "router ");
}

static struct section *
find_section(struct box *b, const char *header)
{
	for (size_t i = 0; i < b->n; i++)
		if (strcmp(b->v[i].header, header) == 0)
			return &b->v[i];
	return NULL;
}

/* Words that a line is about, so that another of them takes its place. */
static size_t
about(const char *line)
{
	static const char *const heads[] = { "description ", "ip address ", "vrf forwarding ",
		"ip access-group ", "set metric ", "rd ", "hostname " };

	for (size_t i = 0; i < COUNT(heads); i++)
		if (starts(line, heads[i]))
			return strlen(heads[i]);
	if (starts(line, "neighbor "))
		return strlen("neighbor 10.0.0.0 route");
	return strlen(line) + 1;
}

static void
drop(struct section *s, size_t i)
{
	memmove(s->lines[i], s->lines[i + 1], (s->n - i - 1) * sizeof(s->lines[0]));
	s->n--;
}

static size_t
find_line(const struct section *s, const char *line, size_t len)
{
	size_t i = 0;

	while (i < s->n && strncmp(s->lines[i], line, len) != 0)
		i++;
	return i;
}

static void
forget_address(struct section *s, const char *line)
{
	size_t i;

	if (starts(line, "vrf forwarding ") && (i = find_line(s, "ip address ", 11)) < s->n)
		drop(s, i);
}

static bool
put_line(struct box *b, struct section *s, const char *line)
{
	size_t i = find_line(s, line, about(line));
	bool list = starts(s->header, "ip access-list ");

	if (i < s->n && strcmp(s->lines[i], line) == 0)
		return snprintf(b->why, sizeof(b->why), "typed for nothing: %s", line), false;
	for (size_t k = 0; list && k < s->n; k++)
		if (strncmp(s->lines[k], line, strcspn(line, " ") + 1) == 0 ||
		    strcmp(strchr(s->lines[k], ' '), strchr(line, ' ')) == 0)
			return snprintf(b->why, sizeof(b->why), "entry twice: %s", line), false;
	snprintf(s->lines[i], sizeof(s->lines[i]), "%s", line);
	s->n += i == s->n;
	forget_address(s, line);
	return true;
}

static bool
take_line(struct box *b, struct section *s, const char *line)
{
	bool number = starts(s->header, "ip access-list ");
	size_t i = find_line(s, line, strlen(line) + !number);

	if (i == s->n || (number && s->lines[i][strlen(line)] != ' '))
		return snprintf(b->why, sizeof(b->why), "not there: %s", line), false;
	drop(s, i);
	forget_address(s, line);
	return true;
}

static bool
take_section(struct box *b, const char *header)
{
	struct section *s = find_section(b, header);

	if (s == NULL)
		return snprintf(b->why, sizeof(b->why), "not there: %s", header), false;
	memmove(s, s + 1, (size_t)(b->v + b->n - s - 1) * sizeof(*s));
	b->n--;
	return true;
}

/* Whether another entry of a route map has the number of this one. */
static bool
is_taken(struct box *b, const char *header)
{
	const char *number = strrchr(header, ' ');

	for (size_t i = 0; i < b->n && starts(header, "route-map "); i++)
		if (strncmp(b->v[i].header, header, strlen("route-map R0 ")) == 0 &&
		    strcmp(strrchr(b->v[i].header, ' '), number) == 0 &&
		    strcmp(b->v[i].header, header) != 0)
			return true;
	return false;
}

static bool
enter_section(struct box *b, const char *header)
{
	if (is_taken(b, header))
		return snprintf(b->why, sizeof(b->why), "its number is taken: %s", header), false;
	b->in = find_section(b, header);
	if (b->in == NULL) {
		b->in = &b->v[b->n++];
		memset(b->in, 0, sizeof(*b->in));
		snprintf(b->in->header, sizeof(b->in->header), "%s", header);
	}
	return true;
}

static bool
type(struct box *b, const char *line)
{
	bool no = starts(line, "no ") && strcmp(line, "no ip redirects") != 0;
	const char *rest = no ? line + 3 : line;
	struct section *top = &b->v[0];

	/* What the mode does not know goes to the top; none is empty when left. */
	if (b->in != NULL && b->in->n == 0 && (is_section(rest) || starts(rest, "hostname ") ||
	    starts(line, "default interface ")))
		b->in = NULL;
	if (b->in == NULL && starts(line, "default interface "))
		return take_section(b, line + 8);
	if (strcmp(line, "exit") == 0 && b->in == NULL)
		return snprintf(b->why, sizeof(b->why), "left the device"), false;
	if (strcmp(line, "exit") == 0)
		return b->in = NULL, true;
	if (is_section(rest) && b->in != NULL)
		return snprintf(b->why, sizeof(b->why), "not left: %s", b->in->header), false;
	if (is_section(rest))
		return no ? take_section(b, rest) : enter_section(b, rest);
	if (b->in != NULL && strcmp(line, "default ip redirects") == 0)
		return take_line(b, b->in, "no ip redirects");
	return no ? take_line(b, b->in != NULL ? b->in : top, rest) :
	    put_line(b, b->in != NULL ? b->in : top, rest);
}

/* Whether what a line names is there. */
static bool
is_there(struct box *b, const char *kind, const char *name)
{
	char header[96];

	snprintf(header, sizeof(header), "%s%.*s", kind, (int)strcspn(name, " "), name);
	for (size_t i = 0; i < b->n; i++)
		if (starts(b->v[i].header, header) && strchr(" ", b->v[i].header[strlen(header)]) != NULL)
			return !starts(kind, "ip access-list") || b->v[i].n > 0;
	return false;
}

static bool
holds(struct box *b)
{
	static const char *const uses[][2] = {
		{ "vrf forwarding ", "vrf definition " }, { "ip access-group ", "ip access-list " },
		{ "match ip address ", "ip access-list " } };

	for (size_t i = 0; i < b->n; i++)
		for (size_t k = 0; k < b->v[i].n; k++) {
			const char *line = b->v[i].lines[k], *map = strstr(line, " route-map ");

			for (size_t u = 0; u < COUNT(uses); u++)
				if (starts(line, uses[u][0]) &&
				    !is_there(b, uses[u][1], line + strlen(uses[u][0])))
					return snprintf(b->why, sizeof(b->why), "not defined: %s", line), false;
			if (strstr(line, "source ") != NULL &&
			    !is_there(b, "interface ", strrchr(line, ' ') + 1))
				return snprintf(b->why, sizeof(b->why), "not defined: %s", line), false;
			if (map != NULL && !is_there(b, "route-map ", map + 11))
				return snprintf(b->why, sizeof(b->why), "not defined: %s", line), false;
			for (size_t o = i + 1; starts(line, "ip address ") && o < b->n; o++)
				if (find_line(&b->v[o], line, 64) < b->v[o].n)
					return snprintf(b->why, sizeof(b->why), "twice: %s", line), false;
		}
	return true;
}

/* Type a text; with `strict`, look at the whole box after each line. */
static bool
play(struct box *b, const char *text, bool strict)
{
	struct span rest = span_str(text), line;
	char copy[128];

	while (span_line(&rest, &line)) {
		if (!strict && line.len > 0 && line.p[0] != ' ')
			b->in = NULL;
		line = span_trim(line);
		snprintf(copy, sizeof(copy), "%.*s", (int)line.len, line.p);
		if (!type(b, copy) || (strict && !holds(b)))
			return false;
	}
	return true;
}

static const char *
print_box(struct arena *a, const struct box *b)
{
	const char *text = "";

	for (size_t i = 0; i < b->n; i++) {
		if (i > 0)
			text = arena_printf(a, "%s%s\n", text, b->v[i].header);
		for (size_t k = 0; k < b->v[i].n; k++)
			text = arena_printf(a, "%s%s%s\n", text, i > 0 ? " " : "", b->v[i].lines[k]);
	}
	return text;
}

/* --- random configurations --- */

static bool
chance(uint64_t *seed, uint32_t percent)
{
	return gen_next(seed, 100) < percent;
}

struct gen_box {
	bool loop[5], vrf[3], acl[4], map[3];
};

static void
gen_interfaces(struct buf *out, uint64_t *seed, struct gen_box *g)
{
	uint32_t shift = gen_next(seed, 6);

	for (uint32_t i = 0; i < 5; i++) {
		uint32_t v = gen_next(seed, 3), l = gen_next(seed, 4);

		if (chance(seed, 30))
			continue;
		buf_addf(out, "interface %s%u\n", i < 2 ? "Eth" : i < 3 ? "Vlan" : "Loop", i);
		g->loop[i] = i >= 3;
		if (chance(seed, 40))
			buf_addf(out, " description %u\n", gen_next(seed, 3));
		if (g->vrf[v] && chance(seed, 60))
			buf_addf(out, " vrf forwarding V%u\n", v);
		if (chance(seed, 70))
			buf_addf(out, " ip address 10.0.0.%u/24\n", (i + shift) % 6);
		if (g->acl[l] && chance(seed, 60))
			buf_addf(out, " ip access-group L%u in\n", l);
		if (chance(seed, 30))
			buf_adds(out, " no ip redirects\n");
		if (chance(seed, 30))
			buf_adds(out, " shutdown\n");
	}
}

static void
gen_list(struct buf *out, uint64_t *seed, uint32_t name)
{
	uint32_t at = gen_next(seed, 8), n = 0;

	buf_addf(out, "ip access-list L%u\n", name);
	for (uint32_t i = 1; i <= 4; i++)
		if (chance(seed, 60) || (i == 4 && n == 0)) {
			buf_addf(out, " %u0 permit %u\n", i, (i * 3 + at) % 8);
			n++;
		}
}

static void
gen_map(struct buf *out, uint64_t *seed, uint32_t name, const struct gen_box *g)
{
	uint32_t n = 0;

	for (uint32_t i = 1; i <= 3; i++) {
		if (!chance(seed, 50) && (i < 3 || n > 0))
			continue;
		n++;
		buf_addf(out, "route-map R%u %s %u0\n", name, chance(seed, 70) ? "permit" : "deny", i);
		for (uint32_t l = 0; l < 4; l++)
			if (g->acl[l] && chance(seed, 25))
				buf_addf(out, " match ip address L%u\n", l);
		if (chance(seed, 50))
			buf_addf(out, " set metric %u\n", gen_next(seed, 3));
	}
}

static const char *
gen_config(struct arena *a, uint64_t *seed)
{
	struct gen_box g = { .loop = { false } };
	struct buf out = BUF_INIT;
	const char *text;

	for (uint32_t i = 0; i < 4; i++)
		g.acl[i] = chance(seed, 60);
	for (uint32_t i = 0; i < 3; i++) {
		g.vrf[i] = chance(seed, 60);
		g.map[i] = chance(seed, 60);
	}
	buf_addf(&out, "hostname h%u\n", gen_next(seed, 2));
	for (uint32_t i = 0; i < 3; i++)
		if (g.vrf[i])
			buf_addf(&out, "vrf definition V%u\n rd %u\n", i, gen_next(seed, 2));
	gen_interfaces(&out, seed, &g);
	for (uint32_t i = 0; i < 4; i++)
		if (g.acl[i])
			gen_list(&out, seed, i);
	for (uint32_t i = 0; i < 3; i++)
		if (g.map[i])
			gen_map(&out, seed, i, &g);
	buf_adds(&out, "router bgp 1\n");
	for (uint32_t i = 0; i < 6; i++)
		if (g.map[i % 3] && chance(seed, 40))
			buf_addf(&out, " neighbor 10.0.0.%u route-map R%u in\n", i, i % 3);
	for (uint32_t i = 0; i < 4; i++)
		if (g.loop[3 + i % 2] && chance(seed, 40))
			buf_addf(&out, " neighbor 10.0.0.%u update-source Loop%u\n", i, 3 + i % 2);
	buf_adds(&out, " x\n");
	text = arena_strndup(a, buf_str(&out), out.len);
	buf_release(&out);
	return text;
}

static bool
one_seed(struct arena *a, const struct dialect *d, uint64_t seed)
{
	const char *from = gen_config(a, &seed), *to = gen_config(a, &seed);
	const char *patch = commands(a, d, span_str(from), span_str(to), NULL);
	struct box *b = ARENA_NEW(a, struct box);

	if (patch[0] == '!') {
		assert_non_null(strstr(patch, "under its own number"));
		return false;
	}
	b->n = 1;
	if (!play(b, from, false) || !holds(b))
		fail_msg("from: %s\n%s", b->why, from);
	b->in = NULL;
	if (!play(b, patch, true))
		stop("%s\nfrom\n%s\nto\n%s\ncommands\n%s", b->why, from, to, patch);
	if (b->in != NULL || !diff_same(diff_make(a, d, span_str(print_box(a, b)), span_str(to))))
		stop("another end: %s\nfrom\n%s\nto\n%s\ncommands\n%s",
		    test_diff(a, d, print_box(a, b), to, false), from, to, patch);
	return true;
}

static void
patch__is_accepted_line_by_line_and_ends_in_what_was_wanted(void **state)
{
	struct test_dialect *t = test_dialect(&TEXT);
	size_t done = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct arena a = ARENA_INIT;

		done += one_seed(&a, &t->d, seed * 7919);
		arena_release(&a);
	}
	print_message("%zu of %d, the rest refused\n", done, SEEDS);
	assert_true(done > SEEDS / 2);
	test_dialect_free(t);
}

/* --- any tree --- */

struct item {
	const char *text;
	struct item *v[64];
	size_t n;
};

static struct item *
put_item(struct arena *a, struct item *up, const char *text)
{
	for (size_t i = 0; i < up->n; i++)
		if (strcmp(up->v[i]->text, text) == 0)
			return up->v[i];
	assert_true(up->n < COUNT(up->v));
	up->v[up->n] = ARENA_NEW(a, struct item);
	up->v[up->n]->text = text;
	return up->v[up->n++];
}

static void
take_item(struct item *up, const char *text)
{
	size_t i = 0;

	while (i < up->n && strcmp(up->v[i]->text, text) != 0)
		i++;
	if (i == up->n)
		stop("not there: %s\n", text);
	memmove(&up->v[i], &up->v[i + 1], (up->n - i - 1) * sizeof(up->v[0]));
	up->n--;
}

static void
type_all(struct arena *a, struct item *top, const struct patch *p)
{
	struct item *at[TREE_MAX] = { top };
	size_t depth = 0;

	for (size_t i = 0; i < p->n; i++) {
		const struct patch_line *l = &p->lines[i];
		const char *text = arena_strndup(a, l->text.p, l->text.len);
		bool enters = i + 1 < p->n && p->lines[i + 1].depth > l->depth;

		if (l->depth > depth || (depth > l->depth && at[depth]->n > 0))
			stop("line %zu: %s: depth %u in %zu\n", i, text, l->depth, depth);
		depth = l->depth;
		if (strcmp(text, "exit") == 0) {
			depth--;
		} else if (starts(text, "no ")) {
			take_item(at[depth], text + 3);
		} else {
			at[depth + 1] = put_item(a, at[depth], text);
			depth += enters;
		}
	}
	assert_int_equal(depth, 0);
}

static void
print_items(const struct item *i, int column, struct buf *out)
{
	for (size_t k = 0; k < i->n; k++) {
		buf_addf(out, "%*s%s\n", column, "", i->v[k]->text);
		print_items(i->v[k], column + 1, out);
	}
}

/* What the commands for all of it make of an empty device. */
static struct item *
build(struct arena *a, const struct dialect *d, struct span text)
{
	struct item *top = ARENA_NEW(a, struct item);
	struct patch *p;

	top->text = "";
	assert_int_equal(patch_make(a, d, span_str(""), text, &p, NULL), 0);
	type_all(a, top, p);
	return top;
}

/* No device has two equal lines in one place. */
static void
drop_twins(struct gen *g)
{
	size_t n = 0;

	for (size_t i = 0; i < g->n; i++) {
		size_t k = 0;

		while (k < n && strcmp(g->kids[i]->text, g->kids[k]->text) != 0)
			k++;
		if (k < n)
			continue;
		drop_twins(g->kids[i]);
		g->kids[n++] = g->kids[i];
	}
	g->n = n;
}

static bool
one_tree(struct arena *a, const struct dialect *d, uint64_t seed)
{
	struct gen *from = gen_top(a, &seed), *to = gen_copy(a, from);
	struct span x, y;
	struct buf out = BUF_INIT;
	struct item *top;
	struct patch *p;
	int r;

	gen_change(a, to, &seed, 6);
	gen_shuffle(to, &seed);
	drop_twins(from);
	drop_twins(to);
	x = gen_write(a, from, SYNTAX_INDENT, &seed);
	y = gen_write(a, to, SYNTAX_INDENT, &seed);
	r = patch_make(a, d, x, y, &p, NULL);
	if (r != 0)
		return assert_int_equal(r, ERR_UNSUPPORTED), false;
	top = build(a, d, x);
	type_all(a, top, p);
	print_items(top, 0, &out);
	if (!diff_same(diff_make(a, d, buf_span(&out), y)))
		stop("%s\nfrom\n%.*s\nto\n%.*s\n", test_diff(a, d, buf_str(&out),
		    arena_strndup(a, y.p, y.len), false), (int)x.len, x.p, (int)y.len, y.p);
	buf_release(&out);
	return true;
}

static void
patch__of_any_tree_leads_to_the_other(void **state)
{
	struct dialect_text text = GEN_INDENT;
	struct test_dialect *t;
	size_t done = 0;

	(void)state;
	text.repeats = false;
	text.commands = COMMANDS_INDENT;
	text.negation = "no ";
	text.exit = "exit";
	t = test_dialect(&text);
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct arena a = ARENA_INIT;

		done += one_tree(&a, &t->d, seed * 7727);
		arena_release(&a);
	}
	print_message("%zu of %d, the rest refused\n", done, SEEDS);
	assert_true(done > SEEDS / 4);
	test_dialect_free(t);
}

/* --- any text --- */

static struct span
gen_text(struct arena *a, uint64_t *seed)
{
	static const char *const words[] = { "no ", "vlan ", "1,2", "10 ", "permit ", "ip access-list ",
		"A ", "set ", "delete ", "deactivate ", "inactive: ", "term ", "{ ", "} ", ";", "[ ", "] ",
		"\n", "\n ", "\n  ", "\n", "\n ", "/ip firewall filter", "add ", "name=a ", "b=\"x y\" ",
		"route-map ", "host ", "servers ", "banner motd\n", "EOF\n", "import ", "license ", "batch ",
		"ip address ", "10.0.0.1/24 ", "interface ", "vrf forwarding ", "\"", "\x01", "${n}" };
	struct buf out = BUF_INIT;
	struct span s;

	for (uint32_t i = gen_next(seed, 60); i > 0; i--)
		buf_adds(&out, words[gen_next(seed, COUNT(words))]);
	s = span_of(arena_strndup(a, buf_str(&out), out.len), out.len);
	buf_release(&out);
	return s;
}

static void
patch__of_any_text_is_commands_or_a_refusal(void **state)
{
	static const struct dialect_text *const texts[] = { &TEXT, &SET_TEXT, &FIXED_TEXT, &MENU_TEXT };

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct test_dialect *t = test_dialect(texts[i]);

		for (uint64_t n = 1; n <= SEEDS; n++) {
			struct arena a = ARENA_INIT;
			uint64_t seed = n * 15485863;
			struct span from = gen_text(&a, &seed), to = gen_text(&a, &seed);
			const char *got = commands(&a, &t->d, from, to, n % 2 == 0 ? &TEST_KEY : NULL);

			if (diff_same(diff_make(&a, &t->d, from, to)))
				assert_string_equal(got, "");
			if (got[0] == '!')
				assert_non_null(strstr(got, ": "));
			for (const char *c = got; n % 2 == 0 && *c != '\0'; c++)
				assert_true(*c == '\n' || (unsigned char)*c >= ' ');
			arena_release(&a);
		}
		test_dialect_free(t);
	}
}

/* --- paths --- */

static void
gen_paths(struct buf *out, uint64_t *seed, const char *path, int depth)
{
	static const char *const words[] = { "a", "b", "c", "license", "\"d e\"", "f" };
	struct buf below = BUF_INIT;

	for (uint32_t i = gen_next(seed, 4); i > 0; i--) {
		const char *word = words[gen_next(seed, 6)];

		buf_clear(&below);
		buf_addf(&below, "%s %s", path, word);
		if (depth > 0 && chance(seed, 40))
			buf_addf(out, "set%s\n", buf_str(&below));
		else if (depth > 0 && chance(seed, 8))
			buf_addf(out, "deactivate%s\n", buf_str(&below));
		if (depth < 4)
			gen_paths(out, seed, buf_str(&below), depth + 1);
	}
	buf_release(&below);
}

static const char *
without_marks(struct arena *a, const char *patch)
{
	return strstr(patch, "activate ") == patch || strstr(patch, "\nactivate ") != NULL ? NULL :
	    arena_strdup(a, patch);
}

static void
patch__of_paths_is_what_the_reader_makes_of_them(void **state)
{
	struct test_dialect *t = test_dialect(&SET_TEXT);
	size_t done = 0;

	(void)state;
	for (uint64_t n = 1; n <= SEEDS; n++) {
		struct arena a = ARENA_INIT;
		struct buf from = BUF_INIT, to = BUF_INIT;
		uint64_t seed = n * 104729;
		const char *patch, *all;

		buf_adds(&from, "set z\n");
		buf_adds(&to, "set z\n");
		gen_paths(&from, &seed, "", 0);
		gen_paths(&to, &seed, "", 0);
		patch = commands(&a, &t->d, buf_span(&from), buf_span(&to), NULL);
		all = arena_printf(&a, "%s%s", buf_str(&from), patch);
		/* The reader does not know how to take a mark back. */
		if (without_marks(&a, patch) != NULL) {
			done++;
			if (!diff_same(diff_make(&a, &t->d, span_str(all), buf_span(&to))))
				fail_msg("%s\nfrom\n%s\nto\n%s\ncommands\n%s", test_diff(&a, &t->d,
				    all, buf_str(&to), false), buf_str(&from), buf_str(&to), patch);
		}
		buf_release(&from);
		buf_release(&to);
		arena_release(&a);
	}
	print_message("%zu of %d\n", done, SEEDS);
	assert_true(done > SEEDS / 2);
	test_dialect_free(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patch__says_what_a_person_would_type),
		cmocka_unit_test(patch__gives_the_device_the_real_secrets),
		cmocka_unit_test(patch__is_accepted_line_by_line_and_ends_in_what_was_wanted),
		cmocka_unit_test(patch__of_any_tree_leads_to_the_other),
		cmocka_unit_test(patch__of_any_text_is_commands_or_a_refusal),
		cmocka_unit_test(patch__of_paths_is_what_the_reader_makes_of_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
