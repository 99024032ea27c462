/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The simulated EOS without SSH: bytes in, bytes out, on a clock that only
 * moves when told. What is expected are the strings of real boxes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/doc.h"
#include "lab/device.h"
#include "lab/diff.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char config[] =
    "hostname sw1\n"
    "username admin privilege 15 role network-admin secret sha512 $6$abc$def\n"
    "vlan 10\n   name users\n"
    "interface Ethernet1\n   description one\n   no switchport\n   ip address 10.0.0.1/31\n"
    "interface Ethernet2\n"
    "interface Ethernet3\n"
    "interface Management1\n   ip address 192.0.2.1/24\n"
    "ip routing\n";

struct world {
	struct sys sys;
	int64_t now_ms;
	struct device *dev;
	struct cli *cli;	/* the first terminal */
};

static struct mono
fake_mono(struct sys *sys)
{
	return (struct mono){ ((struct world *)(void *)sys)->now_ms * 1000000 };
}

static struct wall
fake_wall(struct sys *sys)
{
	return (struct wall){ 1700000000000000 + ((struct world *)(void *)sys)->now_ms * 1000 };
}

static struct cli *
terminal(struct world *w, int line, int width, int rows)
{
	struct cli *cli = w->dev->dialect->open(w->dev, "admin", line, true, width, rows);

	w->dev->dialect->login(cli);
	return cli;
}

static struct world *
new_world(const char *version, const char *enable_password)
{
	struct world *w = mem_zalloc(sizeof(*w));
	struct device_options o = {
		.dialect = dialect_find("arista_eos"), .sys = &w->sys, .name = "sw1",
		.config = config, .version = version, .user = "admin", .password = "pw",
		.enable_password = enable_password, .index = 1,
	};

	w->sys = *sys_real();
	w->sys.mono = fake_mono;
	w->sys.wall = fake_wall;
	w->now_ms = 1000;
	assert_int_equal(device_new(&w->dev, &o, NULL), 0);
	w->cli = terminal(w, 2, 0, 0);
	return w;
}

static void
end_world(struct world *w)
{
	w->dev->dialect->close(w->cli);
	device_free(w->dev);
	free(w);
}

static int
setup(void **state)
{
	*state = new_world(NULL, NULL);
	return 0;
}

static int
teardown(void **state)
{
	end_world(*state);
	return 0;
}

/* What comes back for these bytes; valid until the next call. */
static const char *
say(struct cli *cli, const char *bytes)
{
	buf_clear(&cli->term.out);
	term_feed(&cli->term, bytes, strlen(bytes));
	return buf_str(&cli->term.out);
}

/* The answer to one line, without its echo and the next prompt. */
static char *
ask(struct cli *cli, const char *line)
{
	struct buf b = BUF_INIT;
	const char *out, *prompt;
	char *answer;

	buf_addf(&b, "%s\n", line);
	out = say(cli, buf_str(&b));
	assert_non_null(strstr(out, "\r\n"));
	out = strstr(out, "\r\n") + 2;
	prompt = buf_str(&cli->term.prompt);
	assert_true(strlen(out) >= strlen(prompt));
	assert_string_equal(out + strlen(out) - strlen(prompt), prompt);
	answer = mem_strndup(out, strlen(out) - strlen(prompt));
	buf_release(&b);
	return answer;
}

static void
expect(struct cli *cli, const char *line, const char *answer)
{
	char *got = ask(cli, line);

	assert_string_equal(got, answer);
	free(got);
}

static void
expect_in(struct cli *cli, const char *line, const char *part)
{
	char *got = ask(cli, line);

	if (strstr(got, part) == NULL)
		print_message("%s: <%s> has no <%s>\n", line, got, part);
	assert_non_null(strstr(got, part));
	free(got);
}

static void
expect_prompt(struct cli *cli, const char *line, const char *prompt)
{
	free(ask(cli, line));
	assert_string_equal(buf_str(&cli->term.prompt), prompt);
}

static char *
running(struct world *w)
{
	struct buf b = BUF_INIT;

	w->dev->dialect->render(w->dev->running, &b);
	return buf_detach(&b);
}

/* A session S that sets the description of Ethernet2, one level up again. */
static void
edit_in_session(struct cli *cli, const char *name, const char *description)
{
	char line[200];

	snprintf(line, sizeof(line), "configure session %s", name);
	expect(cli, line, "");
	expect(cli, "interface Ethernet2", "");
	snprintf(line, sizeof(line), "   description %s", description);
	expect(cli, line, "");
	expect(cli, "exit", "");
}

/* --- the terminal ----------------------------------------------------- */

static void
login__greets_with_a_prompt_and_echoes(void **state)
{
	struct world *w = *state;

	assert_string_equal(buf_str(&w->cli->term.out), "sw1>");
	assert_string_equal(say(w->cli, "ena"), "ena");
	assert_string_equal(say(w->cli, "ble\n"), "ble\r\nsw1#");
	assert_string_equal(say(w->cli, "terminal length 0\n"),
	    "terminal length 0\r\nPagination disabled.\r\nsw1#");
	assert_string_equal(say(w->cli, "terminal width 32767\n"),
	    "terminal width 32767\r\nWidth set to 32767 columns.\r\nsw1#");
	assert_string_equal(say(w->cli, "\n"), "\r\nsw1#");
	/* CR and LF are two Enters, and the second one ran ahead. */
	assert_string_equal(say(w->cli, "\r\n"), "\r\n\r\nsw1#\r\nsw1#");
	assert_string_equal(say(w->cli, "showw\b ho\b\b\b hostnamx\177e\n"),
	    "showw\b \b ho\b \b\b \b\b \b hostnamx\b \be\r\n"
	    "Hostname: sw1\r\nFQDN:     sw1\r\nsw1#");
}

static void
long_lines__wrap_at_the_width(void **state)
{
	struct world *w = *state;
	struct cli *cli = terminal(w, 3, 20, 24);

	/* "sw1>" takes 4 columns, then 16 letters are at the margin. */
	assert_string_equal(say(cli, "abcdefghijklmnopqrs"), "abcdefghijklmnop \rqrs");
	w->dev->dialect->close(cli);
}

static void
input_ahead_of_the_prompt__is_shown_twice(void **state)
{
	struct world *w = *state;

	assert_string_equal(say(w->cli, "show hostname\nenable\n"),
	    "show hostname\r\nenable\r\nHostname: sw1\r\nFQDN:     sw1\r\nsw1>enable\r\nsw1#");
}

static void
pager__stops_until_told(void **state)
{
	struct world *w = *state;
	struct cli *cli = terminal(w, 3, 80, 10);
	const char more[] = "\033[7m --More-- \033[0m";
	const char *out;

	say(cli, "enable\n");
	out = say(cli, "show running-config\n");
	assert_non_null(strstr(out, more));
	assert_string_equal(out + strlen(out) - strlen(more), more);
	assert_null(strstr(out, "ip routing"));
	out = say(cli, "\n");
	assert_string_equal(out + strlen(out) - strlen(more), more);
	out = say(cli, "q");
	assert_string_equal(out + strlen(out) - 4, "sw1#");
	out = say(cli, "show running-config | no-more\n");
	assert_null(strstr(out, more));
	assert_non_null(strstr(out, "ip routing"));
	out = say(cli, "show running-config\n");
	assert_non_null(strstr(out, more));
	say(cli, "q");
	say(cli, "terminal length 0\n");
	assert_null(strstr(say(cli, "show running-config\n"), more));
	w->dev->dialect->close(cli);
}

static void
question_mark_and_tab__never_reach_the_line(void **state)
{
	struct world *w = *state;

	assert_non_null(strstr(say(w->cli, "en?"), "  enable\r\n"));
	assert_string_equal(say(w->cli, "\table\n"), "\aable\r\nsw1#");
}

/* --- modes ------------------------------------------------------------ */

static void
prompts__name_the_mode(void **state)
{
	struct world *w = *state;
	static const struct {
		const char *line, *prompt;
	} v[] = {
		{ "enable", "sw1#" },
		{ "configure terminal", "sw1(config)#" },
		{ "interface Ethernet2", "sw1(config-if-Et2)#" },
		{ "interface po3", "sw1(config-if-Po3)#" },
		{ "vlan 20", "sw1(config-vlan-20)#" },
		{ "router bgp 65001", "sw1(config-router-bgp)#" },
		{ "vrf RED", "sw1(config-router-bgp-vrf-RED)#" },
		{ "exit", "sw1(config-router-bgp)#" },
		{ "address-family evpn", "sw1(config-router-bgp-af)#" },
		{ "ip access-list X", "sw1(config-acl-X)#" },
		{ "management telnet", "sw1(config-mgmt-telnet)#" },
		{ "hostname other", "other(config)#" },
		{ "end", "other#" },
		{ "configure session abcdefghij", "other(config-s-abcdef)#" },
		{ "interface Ethernet2", "other(config-s-abcdef-if-Et2)#" },
		{ "\032", "other#" },
		{ "conf ses ab", "other(config-s-ab)#" },
		{ "exit", "other#" },
		{ "disable", "other>" },
	};

	for (size_t i = 0; i < COUNT(v); i++) {
		if (v[i].line[0] == '\032')
			say(w->cli, "\032");
		else
			free(ask(w->cli, v[i].line));
		assert_string_equal(buf_str(&w->cli->term.prompt), v[i].prompt);
	}
}

static void
commands__get_the_devices_errors(void **state)
{
	struct world *w = *state;
	static const struct {
		const char *line, *answer;
	} v[] = {
		{ "show running-config", "% Invalid input (privileged mode required)\r\n" },
		{ "configure session x", "% Invalid input (privileged mode required)\r\n" },
		{ "nonsense", "% Invalid input\r\n" },
		{ "show", "% Incomplete command\r\n" },
		{ "enable", "" },
		{ "show running-config | frobnicate x", "% Invalid input\r\n" },
		{ "configure replace flash:x", "% Invalid input\r\n" },
		{ "commit", "% Invalid input\r\n" },
		{ "show session-config", "% Incomplete command\r\n" },
		{ "co", "% Ambiguous command\r\n" },
		{ "conf t", "" },
		{ "i", "% Ambiguous command\r\n" },
		{ "ip", "% Incomplete command\r\n" },
		{ "end", "" },
		{ "configure session x", "" },
		{ "configure terminal", "% Invalid input\r\n" },
		{ "commit timer", "% Invalid input\r\n" },
		{ "commit timer 5", "% Invalid input\r\n" },
		{ "commit timer 00:00:00", "% Invalid input\r\n" },
		{ "commit timer 00:60:00", "% Invalid input\r\n" },
		{ "interface Ethernet1", "" },
		/* Not a command down here. */
		{ "commit", "% Invalid input\r\n" },
		{ "abort", "% Invalid input\r\n" },
		{ "rollback clean-config", "% Invalid input\r\n" },
		{ "ip address 10.0.0.300/24", "% Invalid input\r\n" },
		{ "ip address", "% Incomplete command\r\n" },
		{ "! a comment", "" },
	};

	for (size_t i = 0; i < COUNT(v); i++)
		expect(w->cli, v[i].line, v[i].answer);
}

static void
enable__asks_when_there_is_a_password(void **state)
{
	struct world *w = new_world(NULL, "sesame");

	(void)state;
	assert_string_equal(say(w->cli, "enable\n"), "enable\r\nPassword: ");
	assert_string_equal(say(w->cli, "wrong\n"), "\r\n% Bad secrets\r\n\r\nsw1>");
	say(w->cli, "enable\n");
	assert_string_equal(say(w->cli, "sesame\n"), "\r\nsw1#");
	end_world(w);
}

/* --- shows ------------------------------------------------------------ */

static void
show_version__in_text_and_json(void **state)
{
	struct world *w = *state;
	struct arena a = ARENA_INIT;
	struct problems ps;
	struct doc_node *doc = NULL;
	char *json;

	expect(w->cli, "show version | include Software image version",
	    "Software image version: 4.28.3M\r\n");
	json = ask(w->cli, "show version | json");
	problems_init(&ps, &a);
	assert_int_equal(doc_parse_json(&doc, &a, "", span_str(json), &DOC_LIMITS, &ps), 0);
	assert_string_equal(doc_text(doc, "version"), "4.28.3M");
	assert_string_equal(doc_text(doc, "serialNumber"), "FLAB00000001");
	assert_string_equal(doc_text(doc, "modelName"), "vEOS");
	free(json);
	arena_release(&a);
}

static void
show_running__has_header_order_and_end(void **state)
{
	struct world *w = *state;

	say(w->cli, "enable\n");
	expect(w->cli, "show running-config",
	    "! Command: show running-config\r\n"
	    "! device: sw1 (vEOS, EOS-4.28.3M)\r\n"
	    "!\r\n"
	    "! boot system flash:/vEOS-lab.swi\r\n"
	    "!\r\n"
	    "no aaa root\r\n"
	    "!\r\n"
	    "username admin privilege 15 role network-admin secret sha512 $6$abc$def\r\n"
	    "!\r\n"
	    "transceiver qsfp default-mode 4x10G\r\n"
	    "!\r\n"
	    "service routing protocols model ribd\r\n"
	    "!\r\n"
	    "hostname sw1\r\n"
	    "!\r\n"
	    "spanning-tree mode mstp\r\n"
	    "!\r\n"
	    "vlan 10\r\n"
	    "   name users\r\n"
	    "!\r\n"
	    "interface Ethernet1\r\n"
	    "   description one\r\n"
	    "   no switchport\r\n"
	    "   ip address 10.0.0.1/31\r\n"
	    "!\r\n"
	    "interface Ethernet2\r\n"
	    "!\r\n"
	    "interface Ethernet3\r\n"
	    "!\r\n"
	    "interface Management1\r\n"
	    "   ip address 192.0.2.1/24\r\n"
	    "!\r\n"
	    "ip routing\r\n"
	    "!\r\n"
	    "end\r\n");
	expect(w->cli, "show running-config | section Ethernet1", "interface Ethernet1\r\n"
	    "   description one\r\n   no switchport\r\n   ip address 10.0.0.1/31\r\n");
	expect(w->cli, "show running-config | include ^vlan | exclude 11", "vlan 10\r\n");
	expect_in(w->cli, "show running-config sanitized", "secret sha512 <removed>\r\n");
	expect_in(w->cli, "show startup-config", "! Command: show startup-config\r\n! device: ");
	expect_in(w->cli, "show startup-config", "ip routing\r\n!\r\nend\r\n");
}

/* --- sessions --------------------------------------------------------- */

static void
session__is_shown_compared_and_committed(void **state)
{
	struct world *w = *state;
	char *before = running(w), *after;

	say(w->cli, "enable\n");
	edit_in_session(w->cli, "scrapli_cfg_1", "changed");
	assert_string_equal(buf_str(&w->cli->term.prompt), "sw1(config-s-scrapl)#");
	expect(w->cli, "show session-config diffs",
	    "--- system:/running-config\r\n"
	    "+++ session:/scrapli_cfg_1-session-config\r\n"
	    "@@ -19,6 +19,7 @@\r\n"
	    "    ip address 10.0.0.1/31\r\n"
	    " !\r\n"
	    " interface Ethernet2\r\n"
	    "+   description changed\r\n"
	    " !\r\n"
	    " interface Ethernet3\r\n"
	    " !\r\n"
	    "\r\n");
	expect_in(w->cli, "show session-config named scrapli_cfg_1",
	    "! Command: show session-configuration named scrapli_cfg_1\r\n");
	after = running(w);
	assert_string_equal(after, before);
	free(after);
	expect_prompt(w->cli, "end", "sw1#");
	expect_in(w->cli, "show session-config named scrapli_cfg_1 diffs",
	    "+   description changed\r\n");
	expect(w->cli, "configure session scrapli_cfg_1 commit", "");
	after = running(w);
	assert_non_null(strstr(after, "   description changed\n"));
	free(after);
	expect(w->cli, "configure session scrapli_cfg_1",
	    "% Error: the session was already committed\r\n");
	expect(w->cli, "configure session scrapli_cfg_1 commit",
	    "% Cannot commit: the session is completed\r\n");
	free(before);
}

static void
same_configuration__gives_an_empty_diff(void **state)
{
	struct world *w = *state;

	say(w->cli, "enable\n");
	expect(w->cli, "show running-config diffs", "");
	expect(w->cli, "configure session s", "");
	expect(w->cli, "show session-config diffs", "");
	expect(w->cli, "hostname sw1", "");
	expect(w->cli, "show session-config diffs", "");
	expect_prompt(w->cli, "abort", "sw1#");
}

static void
clean_config__leaves_defaults_and_ports(void **state)
{
	struct world *w = *state;

	say(w->cli, "enable\n");
	expect(w->cli, "configure session s", "");
	expect(w->cli, "rollback clean-config", "");
	expect_in(w->cli, "show session-config",
	    "no aaa root\r\n!\r\ntransceiver qsfp default-mode 4x10G\r\n!\r\n"
	    "service routing protocols model ribd\r\n!\r\nspanning-tree mode mstp\r\n!\r\n"
	    "interface Ethernet1\r\n!\r\ninterface Ethernet2\r\n!\r\ninterface Ethernet3\r\n!\r\n"
	    "interface Management1\r\n!\r\nno ip routing\r\n!\r\nend\r\n");
}

static void
copy_terminal__takes_all_to_ctrl_d(void **state)
{
	struct world *w = *state;

	say(w->cli, "enable\n");
	say(w->cli, "configure session s\n");
	say(w->cli, "rollback clean-config\n");
	assert_string_equal(say(w->cli, "copy terminal: session-config\n"),
	    "copy terminal: session-config\r\n"
	    "enter input line by line; when done enter one or more control-d\r\n");
	assert_string_equal(say(w->cli, "hostname sw1\nint"), "hostname sw1\r\nint");
	/* Amid a line it only hands over what there is. */
	assert_string_equal(say(w->cli, "\004"), "");
	assert_string_equal(say(w->cli, "erface Ethernet2\r   foo bar\r\n   description x\n"),
	    "erface Ethernet2\r\n   foo bar\r\n\r\n   description x\r\n");
	say(w->cli, "banner login\nhello # ? \t there\nEOF\nip route\nend\n");
	assert_string_equal(say(w->cli, "\004"),
	    ">    foo bar\r\n% Invalid input at line 3\r\n"
	    "> ip route\r\n% Incomplete command at line 9\r\n"
	    "Copy completed successfully.\r\nsw1(config-s-s)#");
	expect_in(w->cli, "show session-config", "banner login\r\nhello # ? \t there\r\nEOF\r\n");
	expect_in(w->cli, "show session-config", "interface Ethernet2\r\n   description x\r\n");
	say(w->cli, "copy terminal: session-config\n");
	assert_non_null(strstr(say(w->cli, "interface Ethernet3\n   spanning-tree portfast\n\004"),
	    ">    spanning-tree portfast\r\n! portfast should only be enabled on ports"));
}

static void
banner__hint_lands_amid_what_was_sent_ahead(void **state)
{
	struct world *w = *state;

	say(w->cli, "enable\n");
	say(w->cli, "configure session s\n");
	assert_string_equal(say(w->cli, "banner login\nab\ncd\nEOF\n"),
	    "banner login\r\nab\r\ncdEnter TEXT message. Type 'EOF' on its own line to end.\r\n"
	    "\r\nEOF\r\nab\r\ncd\r\nEOF\r\nsw1(config-s-s)#");
	/* Who waits sees it in its place. */
	assert_string_equal(say(w->cli, "banner motd\n"),
	    "banner motd\r\nEnter TEXT message. Type 'EOF' on its own line to end.\r\n");
	assert_string_equal(say(w->cli, "sw1#\n"), "sw1#\r\n");
	assert_string_equal(say(w->cli, "EOF\n"), "EOF\r\nsw1(config-s-s)#");
	expect_in(w->cli, "show session-config", "banner login\r\nab\r\ncd\r\nEOF\r\n!\r\n"
	    "banner motd\r\nsw1#\r\nEOF\r\n");
}

static void
pending_sessions__are_limited_and_outlive_their_terminal(void **state)
{
	struct world *w = *state;
	struct cli *gone = terminal(w, 9, 0, 0);
	char line[64];

	say(w->cli, "enable\n");
	say(gone, "enable\n");
	say(gone, "configure session orphan\n");
	expect_in(w->cli, "show configuration sessions detail", "  orphan pending admin vty9");
	w->dev->dialect->close(gone);
	expect_in(w->cli, "show configuration sessions detail", "  orphan pending\r\n");
	for (int i = 1; i <= 4; i++) {
		snprintf(line, sizeof(line), "configure session s%d", i);
		expect(w->cli, line, "");
		expect(w->cli, "end", "");
	}
	expect(w->cli, "configure session s5",
	    "Maximum number of pending sessions has been reached\r\n");
	/* An old one can be entered, and aborting makes room. */
	expect(w->cli, "configure session s4", "");
	expect(w->cli, "end", "");
	expect(w->cli, "configure session orphan abort", "");
	expect(w->cli, "configure session s5", "");
	expect(w->cli, "end", "");
	w->now_ms += 24 * 3600 * 1000;
	expect(w->cli, "configure session s1 abort",
	    "% Error: the session does not exist\r\n");
}

/* --- the timer -------------------------------------------------------- */

static void
timer__reverts_by_itself(void **state)
{
	struct world *w = *state;
	char *before = running(w), *after;

	say(w->cli, "enable\n");
	edit_in_session(w->cli, "s1", "changed");
	expect_prompt(w->cli, "commit timer 00:05:00", "sw1#");
	expect(w->cli, "show running-config | include changed", "   description changed\r\n");
	w->now_ms += 1000;
	expect_in(w->cli, "show configuration sessions detail",
	    "Maximum number of completed sessions: 1\r\n"
	    "Maximum number of pending sessions: 5\r\n"
	    "Merge on commit is disabled\r\n"
	    "Autosave to startup-config on commit is disabled\r\n"
	    "\r\n"
	    "Session with pending commit timer: s1\r\n"
	    "Time left until commit timer expiry: in 0:04:59\r\n"
	    "\r\n"
	    "  Name State              User Terminal Completed Time      Committed By\r\n"
	    "- ---- ------------------ ---- -------- ------------------- ------------\r\n"
	    "  s1   pendingCommitTimer               2023-11-14 22:13:21 admin\r\n");
	/* A direct edit meanwhile is lost with the rest. */
	say(w->cli, "configure terminal\ninterface Ethernet3\ndescription lost\nend\n");
	w->now_ms += 5 * 60 * 1000;
	device_lock(w->dev);
	device_tick(w->dev);
	device_unlock(w->dev);
	after = running(w);
	assert_string_equal(after, before);
	expect_in(w->cli, "show configuration sessions detail", "  s1   aborted ");
	expect(w->cli, "configure session s1 commit",
	    "% Cannot commit: the session is completed\r\n");
	assert_int_equal(w->dev->stats.reverts, 1);
	free(before);
	free(after);
}

static void
timer__is_confirmed_from_any_session(void **state)
{
	struct world *w = *state;
	struct cli *other = terminal(w, 3, 0, 0);

	say(w->cli, "enable\n");
	say(other, "enable\n");
	edit_in_session(w->cli, "s1", "changed");
	expect(w->cli, "commit timer 00:05:00", "");
	expect(other, "configure session s2", "");
	expect(other, "commit",
	    "% Cannot commit while the commit timer of another session is pending\r\n");
	expect(other, "end", "");
	expect(other, "configure session s1 commit", "");
	w->now_ms += 3600 * 1000;
	expect(other, "show running-config | include changed", "   description changed\r\n");
	assert_int_equal(w->dev->stats.reverts, 0);
	w->dev->dialect->close(other);
}

static void
timer__abort_reverts_at_once_and_rearming_extends(void **state)
{
	struct world *w = *state;

	say(w->cli, "enable\n");
	edit_in_session(w->cli, "s1", "changed");
	expect(w->cli, "commit timer 00:01:00", "");
	w->now_ms += 50 * 1000;
	expect(w->cli, "configure session s1 commit timer 00:01:00", "");
	w->now_ms += 50 * 1000;
	expect(w->cli, "show running-config | include changed", "   description changed\r\n");
	expect(w->cli, "configure session s1 abort", "");
	expect(w->cli, "show running-config | include changed", "");
	edit_in_session(w->cli, "s2", "again");
	expect(w->cli, "commit timer 00:01:00", "");
	/* "abort" inside it does the same. */
	expect(w->cli, "configure session s2", "");
	expect_prompt(w->cli, "abort", "sw1#");
	expect(w->cli, "show running-config | include again", "");
}

static void
timer__is_armed_by_a_replace_without_change(void **state)
{
	struct world *w = *state;

	say(w->cli, "enable\n");
	expect(w->cli, "configure session s1", "");
	expect(w->cli, "commit timer 00:01:00", "");
	expect_in(w->cli, "show configuration sessions detail",
	    "Session with pending commit timer: s1\r\n");
	assert_non_null(w->dev->armed);
}

static void
json_of_sessions__differs_by_version(void **state)
{
	struct world *w = *state, *v432 = new_world("4.32.1F", NULL);
	struct cli *old = w->cli, *newer = v432->cli;

	for (int i = 0; i < 2; i++) {
		struct cli *cli = i == 0 ? old : newer;

		say(cli, "enable\n");
		edit_in_session(cli, "s1", "x");
		expect(cli, "commit timer 00:05:00", "");
	}
	expect_in(old, "show configuration sessions detail | json",
	    "\"state\": \"pendingCommitTimer\"");
	expect_in(old, "show configuration sessions | json", "\"commitBy\": 1700000301");
	expect_in(newer, "show configuration sessions detail | json", "\"state\": \"committed\"");
	expect_in(newer, "show configuration sessions detail | json",
	    "\"commitTimerSessionName\": \"s1\"");
	end_world(v432);
}

/* --- save, reboot, lockout -------------------------------------------- */

static void
startup__is_what_was_saved_and_what_boots(void **state)
{
	struct world *w = *state;

	say(w->cli, "enable\n");
	say(w->cli, "configure terminal\ninterface Ethernet2\ndescription kept\nend\n");
	expect_in(w->cli, "show running-config diffs",
	    "--- flash:/startup-config\r\n+++ system:/running-config\r\n");
	expect(w->cli, "copy running-config startup-config",
	    "Copy completed successfully.\r\n");
	expect(w->cli, "show running-config diffs", "");
	say(w->cli, "configure terminal\ninterface Ethernet3\ndescription not kept\nend\n");
	expect(w->cli, "configure session left", "");
	expect(w->cli, "end", "");
	device_lock(w->dev);
	device_reboot(w->dev, 60000, "boot");
	assert_true(w->dev->down);
	device_unlock(w->dev);
	w->now_ms += 60000;
	expect(w->cli, "show running-config | include kept", "   description kept\r\n");
	expect_in(w->cli, "show configuration sessions detail", "Committed By\r\n");
	assert_null(w->dev->sessions);
	expect_in(w->cli, "write memory", "Copy completed successfully.\r\n");
}

static void
reboot__forgets_an_unconfirmed_commit(void **state)
{
	struct world *w = *state;
	char *before = running(w), *after;

	say(w->cli, "enable\n");
	edit_in_session(w->cli, "s1", "changed");
	expect(w->cli, "commit timer 00:05:00", "");
	device_lock(w->dev);
	device_reboot(w->dev, 0, "boot");
	device_unlock(w->dev);
	after = running(w);
	assert_string_equal(after, before);
	w->now_ms += 3600 * 1000;
	device_lock(w->dev);
	device_tick(w->dev);
	assert_null(w->dev->armed);
	device_unlock(w->dev);
	free(before);
	free(after);
}

static void
management__is_lost_with_its_address_until_the_revert(void **state)
{
	struct world *w = *state;
	bool hard;

	say(w->cli, "enable\n");
	expect(w->cli, "configure session s1", "");
	expect(w->cli, "no interface Management1", "");
	expect(w->cli, "commit timer 00:01:00", "");
	device_lock(w->dev);
	assert_false(device_reachable(w->dev, &hard));
	assert_true(hard);
	w->now_ms += 60000;
	assert_true(device_reachable(w->dev, &hard));
	device_unlock(w->dev);
}

static void
users__need_their_line_and_its_secret(void **state)
{
	struct world *w = *state;
	struct device *dev = w->dev;

	assert_true(device_password_ok(dev, "admin", "pw"));
	assert_false(device_password_ok(dev, "admin", "other"));
	assert_false(device_password_ok(dev, "nobody", "pw"));
	say(w->cli, "enable\nconfigure terminal\n");
	expect(w->cli, "username admin privilege 15 secret 0 fresh", "");
	assert_false(device_password_ok(dev, "admin", "pw"));
	assert_true(device_password_ok(dev, "admin", "fresh"));
	assert_true(device_user_ok(dev, "admin"));
	expect(w->cli, "no username admin", "");
	assert_false(device_password_ok(dev, "admin", "pw"));
	assert_false(device_password_ok(dev, "admin", "fresh"));
	assert_false(device_user_ok(dev, "admin"));
}

/* --- faults, scripts -------------------------------------------------- */

static void
give(struct world *w, const char *spec)
{
	struct lab_fault f;

	assert_int_equal(fault_parse(&f, spec, NULL), 0);
	assert_int_equal(device_fault(w->dev, &f, NULL), 0);
}

static void
faults__strike_at_their_step(void **state)
{
	static const struct {
		const char *fault;
		bool armed;	/* was the commit done? */
	} v[] = {
		{ "drop-before:arm", false }, { "drop-after:arm", true },
		{ "stall-before:arm", false }, { "stall-after:arm", true },
		{ "reboot:arm", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(v); i++) {
		struct world *w = new_world(NULL, NULL);
		char *text;

		say(w->cli, "enable\n");
		edit_in_session(w->cli, "s1", "changed");
		give(w, v[i].fault);
		assert_string_equal(say(w->cli, "commit timer 00:01:00\n"),
		    "commit timer 00:01:00\r\n");
		assert_true(w->cli->dropped || w->cli->stalled);
		assert_int_equal(w->dev->armed != NULL, v[i].armed);
		text = running(w);
		assert_int_equal(strstr(text, "changed") != NULL, v[i].armed);
		free(text);
		end_world(w);
	}
}

static void
faults__change_what_lines_do(void **state)
{
	struct world *w = *state;

	say(w->cli, "enable\n");
	give(w, "reject:secretword*1");
	give(w, "ignore:quiet");
	give(w, "commit-error:no way*1");
	give(w, "save-error*1");
	give(w, "bad-revert*1");
	give(w, "foreign-sessions:2");
	expect_in(w->cli, "show configuration sessions", "  ops-2 pending");
	expect(w->cli, "configure session s1", "");
	expect(w->cli, "alias a secretword", "% Invalid input\r\n");
	expect(w->cli, "alias a secretword", "");
	expect(w->cli, "alias b quiet", "");
	expect(w->cli, "show session-config | include alias", "alias a secretword\r\n");
	expect(w->cli, "commit timer 00:01:00", "% Cannot commit: no way\r\n");
	expect(w->cli, "commit timer 00:01:00", "");
	expect_in(w->cli, "write", "% Error copying");
	w->now_ms += 60000;
	expect_in(w->cli, "show running-config", "ip host left-behind");
	give(w, "foreign-timer:5m");
	expect_in(w->cli, "show configuration sessions detail",
	    "Session with pending commit timer: ops-change\r\n");
	give(w, "hostname:impostor");
	expect_prompt(w->cli, "show hostname", "impostor#");
	expect(w->cli, "show version | include Serial", "Serial number: FLAB99999999\r\n");
}

static void
fault_specs__are_checked(void **state)
{
	static const char *const good[] = {
		"silent", "drop-out:100", "drop-in:7*2", "latency:250ms", "cut", "cut:now",
		"reboot:arm", "endless", "hostname:other",
	};
	static const char *const bad[] = {
		"", "nonsense", "silent:1", "drop-out:x", "reboot", "reboot:lunch", "latency:x",
		"silent*0", "silent*x", "hostname",
	};
	struct lab_fault f;

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		assert_int_equal(fault_parse(&f, good[i], NULL), 0);
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_int_equal(fault_parse(&f, bad[i], NULL), ERR_USAGE);
}

static void
exec_requests__print_errors_with_line_numbers(void **state)
{
	struct world *w = *state;
	const struct dialect *d = w->dev->dialect;
	struct cli *cli = d->open(w->dev, "admin", 4, false, 0, 0);

	d->exec(cli, "show hostname");
	assert_string_equal(buf_str(&cli->term.out), "Hostname: sw1\nFQDN:     sw1\n");
	assert_int_equal(cli->status, 0);
	d->close(cli);
	cli = d->open(w->dev, "admin", 5, false, 0, 0);
	d->exec(cli, "show running-config\nenable\nshow running-config | include host\nbogus");
	assert_string_equal(buf_str(&cli->term.out),
	    "> show running-config\n% Invalid input (privileged mode required) at line 1\n"
	    "hostname sw1\n> bogus\n% Invalid input at line 4\n");
	assert_int_equal(cli->status, 1);
	d->close(cli);
}

/* --- anything at all -------------------------------------------------- */

static const char *const scraps[] = {
	"enable", "configure terminal", "configure session s1", "configure session s2", "commit",
	"commit timer 00:00:01", "configure session s2 commit timer 00:00:01", "abort", "rollback clean-config", "end", "exit", "no", "default",
	"interface Ethernet1", "interface Ethernet1-3", "interface Vlan", "vlan 10-14,20", "vlan",
	"ip address 10.0.0.1/24", "ip address", "no ip address", "vrf X", "vrf instance X",
	"router bgp 65000", "neighbor 10.0.0.1 remote-as 1", "neighbor", "address-family ipv4",
	"ip access-list A", "permit ip any any", "10 deny ip any any", "no 10", "ip prefix-list P",
	"seq 5 permit 10.0.0.0/8", "permit 11.0.0.0/8", "banner motd", "EOF", "comment", "!! note",
	"daemon D", "   exec x", "      deeper", "copy terminal: session-config", "\004", "\003",
	"show running-config", "show session-config diffs", "show configuration sessions detail",
	"| include", "| json", "?", "\t", "\177", "\025", "\033[A", "\r", "\n", "\n", "\n", "\n",
	" ", " ", "hostname", "a", "\377", "!", "username x secret y", "write memory", "q",
	"configure session s1 commit", "configure session s2 abort", "terminal length 0",
	"terminal length 3", "terminal width 10", "no interface Ethernet2", "switchport",
	"no switchport", "spanning-tree mode none", "default interface Ethernet1",
};

/* What is shown loads again to the same. */
static void
assert_settled(struct world *w)
{
	struct buf diff = BUF_INIT;
	char *once = running(w), *twice;
	struct device *other;
	struct device_options o = { .dialect = w->dev->dialect, .sys = &w->sys, .name = "x",
		.config = once, .user = "admin", .password = "pw", .index = 2 };
	struct world again = { .sys = w->sys };

	assert_int_equal(device_new(&other, &o, NULL), 0);
	again.dev = other;
	twice = running(&again);
	diff_unified(span_str(once), span_str(twice), "shown", "loaded again", &diff);
	if (diff.len > 0)
		print_message("%s", buf_str(&diff));
	assert_int_equal(diff.len, 0);
	buf_release(&diff);
	device_free(other);
	free(once);
	free(twice);
}

static void
any_input__never_breaks_it(void **state)
{
	struct world *w = *state;
	uint32_t seed = 1;

	for (int i = 0; i < 40000; i++) {
		seed = seed * 1664525 + 1013904223;
		say(w->cli, scraps[(seed >> 8) % COUNT(scraps)]);
		if ((seed >> 28) != 0)
			say(w->cli, "\n");
		if (i % 40 == 0)	/* out of pagers and texts */
			say(w->cli, "\nq\n\004\nEOF\nEOF\nend\nenable\n");
		w->now_ms += 10;
		if (w->cli->term.mode == TERM_CLOSED) {
			w->dev->dialect->close(w->cli);
			w->cli = terminal(w, i, 80, 24);
		}
		if (i % 2000 == 0)
			assert_settled(w);
		if (i % 200 == 0) {
			device_lock(w->dev);
			device_reboot(w->dev, 0, "boot");
			device_unlock(w->dev);
		}
	}
	/* It got somewhere: this is no walk in a corner. */
	assert_true(w->dev->stats.commits > 0);
	assert_true(w->dev->stats.reverts > 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(login__greets_with_a_prompt_and_echoes),
		T(long_lines__wrap_at_the_width),
		T(input_ahead_of_the_prompt__is_shown_twice),
		T(pager__stops_until_told),
		T(question_mark_and_tab__never_reach_the_line),
		T(prompts__name_the_mode),
		T(commands__get_the_devices_errors),
		cmocka_unit_test(enable__asks_when_there_is_a_password),
		T(show_version__in_text_and_json),
		T(show_running__has_header_order_and_end),
		T(session__is_shown_compared_and_committed),
		T(same_configuration__gives_an_empty_diff),
		T(clean_config__leaves_defaults_and_ports),
		T(copy_terminal__takes_all_to_ctrl_d),
		T(banner__hint_lands_amid_what_was_sent_ahead),
		T(pending_sessions__are_limited_and_outlive_their_terminal),
		T(timer__reverts_by_itself),
		T(timer__is_confirmed_from_any_session),
		T(timer__abort_reverts_at_once_and_rearming_extends),
		T(timer__is_armed_by_a_replace_without_change),
		T(json_of_sessions__differs_by_version),
		T(startup__is_what_was_saved_and_what_boots),
		T(reboot__forgets_an_unconfirmed_commit),
		T(management__is_lost_with_its_address_until_the_revert),
		T(users__need_their_line_and_its_secret),
		cmocka_unit_test(faults__strike_at_their_step),
		T(faults__change_what_lines_do),
		cmocka_unit_test(fault_specs__are_checked),
		T(exec_requests__print_errors_with_line_numbers),
		T(any_input__never_breaks_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
