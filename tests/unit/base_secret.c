/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/secret.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static char dir[64];

static const char *
in_dir(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static int
make_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/base_secret-XXXXXX");
	return mkdtemp(dir) != NULL ? 0 : -1;
}

static int
remove_dir(void **state)
{
	(void)state;
	return file_rmtree(dir, NULL);
}

static struct secret *
secret_str(const char *s)
{
	return secret_new(s, strlen(s));
}

static void
assert_masked(const char *in, const char *out)
{
	struct buf b = BUF_INIT;

	buf_adds(&b, in);
	secret_mask(&b);
	assert_string_equal(buf_str(&b), out);
	assert_int_equal(b.len, strlen(out));
	buf_release(&b);
}

static void
mask__without_secrets_changes_nothing(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	secret_mask(&b);
	assert_null(b.data);
	assert_masked("hunter2", "hunter2");
}

static void
mask__hides_each_form(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "p/ss?\xff\"1\n", "<secret>" },
		{ "xp/ss?\xff\"1\np/ss?\xff\"1\ny", "x<secret><secret>y" },
		{ "xp/ss?\xff\"1", "xp/ss?\xff\"1" },
		/* base64 of it alone, after one byte, after two */
		{ "=cC9zcz//IjEK=", "=<secret>=" },
		{ "eHAvc3M//yIxCg==", "eH<secret>g==" },
		{ "eHhwL3NzP/8iMQo=", "eHh<secret>o=" },
		{ "=cC9zcz__IjEK=", "=<secret>=" },
		/* URL */
		{ "?p=p%2Fss%3F%FF%221%0A&", "?p=<secret>&" },
		{ "?p=p%2fss%3f%ff%221%0a&", "?p=<secret>&" },
		/* JSON */
		{ "\"p/ss?\xff\\\"1\\n\"", "\"<secret>\"" },
		{ "nothing here p/ss", "nothing here p/ss" },
	};
	struct secret *s = secret_str("p/ss?\xff\"1\n");

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_masked(rows[i].in, rows[i].out);
	secret_free(s);
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_masked(rows[i].in, rows[i].in);
}

static void
mask__hides_basic_authorization(void **state)
{
	struct secret *s = secret_str("correct horse battery");
	struct buf b = BUF_INIT;

	(void)state;
	/* base64 of "admin:correct horse battery" */
	buf_adds(&b, "Authorization: Basic YWRtaW46Y29ycmVjdCBob3JzZSBiYXR0ZXJ5");
	secret_mask(&b);
	assert_string_equal(buf_str(&b), "Authorization: Basic YWRtaW46<secret>");
	buf_release(&b);
	secret_free(s);
}

static void
mask__overlapping_secrets_leave_no_rest(void **state)
{
	struct secret *a = secret_str("abcd1234"), *b = secret_str("1234wxyz");
	struct secret *inner = secret_str("bcd1"), *longer = secret_str("abcd12345678");

	(void)state;
	assert_masked("-abcd1234wxyz-", "-<secret>-");
	assert_masked("-abcd1234-", "-<secret>-");
	assert_masked("-abcd12345678-", "-<secret>-");
	assert_masked("-abcd1234567-", "-<secret>567-");
	assert_masked("abcd12341234wxyz", "<secret><secret>");
	secret_free(longer);
	assert_masked("-abcd12345678-", "-<secret>5678-");
	secret_free(a);
	assert_masked("-abcd1234wxyz-", "-a<secret>-");
	secret_free(b);
	secret_free(inner);
}

static void
mask__repeats_of_one_letter_are_hidden(void **state)
{
	struct secret *s = secret_str("aaaa");

	(void)state;
	assert_masked("baaaab", "b<secret>b");
	assert_masked("baaaaaaab", "b<secret>b");
	assert_masked("aaa", "aaa");
	secret_free(s);
}

static void
mask__short_secrets_are_left(void **state)
{
	struct secret *s = secret_str("abc"), *empty = secret_new(NULL, 0);
	size_t len;

	(void)state;
	assert_masked("xabcx", "xabcx");
	assert_string_equal(secret_reveal(empty, &len), "");
	assert_int_equal(len, 0);
	secret_free(s);
	secret_free(empty);
	secret_free(NULL);
}

static void
mask__a_secret_held_twice_stays_hidden_until_both_are_gone(void **state)
{
	struct secret *s = secret_str("hunter2"), *again = secret_str("hunter2");

	(void)state;
	assert_true(secret_equal(s, again));
	secret_free(s);
	assert_masked("hunter2", "<secret>");
	secret_free(again);
	assert_masked("hunter2", "hunter2");
}

static void
mask__keeps_the_maximum_of_a_buffer(void **state)
{
	struct secret *s = secret_str("1234");
	struct buf b = BUF_LIMIT(10);

	(void)state;
	buf_adds(&b, "x1234y");
	secret_mask(&b);
	assert_string_equal(b.data, "x<secret>y");
	assert_false(b.truncated);
	buf_clear(&b);
	buf_adds(&b, "xx1234yy");
	secret_mask(&b);
	assert_string_equal(b.data, "xx<secret>");
	assert_true(b.truncated);
	assert_int_equal(b.max, 10);
	buf_release(&b);
	secret_free(s);
}

/* Against a search that knows nothing of filters: random secrets over a small
 * alphabet, so that they overlap, repeat and contain each other. */
static void
mask__finds_what_a_plain_search_finds(void **state)
{
	enum { SECRETS = 6, TEXT = 60 };
	unsigned seed = 4711;

	(void)state;
	for (int round = 0; round < 500; round++) {
		struct secret *s[SECRETS];
		char text[TEXT + 1] = "";
		bool covered[TEXT] = { false };
		struct buf b = BUF_INIT;
		size_t kept = 0, want = 0;

		for (size_t i = 0; i < TEXT; i++)
			text[i] = "#$%"[rand_r(&seed) % 3];
		for (int i = 0; i < SECRETS; i++) {
			size_t len = 4 + (size_t)rand_r(&seed) % 4;
			char word[8];

			for (size_t k = 0; k < len; k++)
				word[k] = "#$%"[rand_r(&seed) % 3];
			s[i] = secret_new(word, len);
			for (size_t at = 0; at + len <= TEXT; at++)
				if (memcmp(text + at, word, len) == 0)
					memset(covered + at, true, len);
		}
		buf_adds(&b, text);
		secret_mask(&b);
		for (size_t i = 0; i < TEXT; i++)
			want += !covered[i];
		for (size_t i = 0; i < b.len; i++)
			kept += strchr("#$%", b.data[i]) != NULL;
		assert_int_equal(kept, want);
		buf_release(&b);
		for (int i = 0; i < SECRETS; i++)
			secret_free(s[i]);
	}
}

static void
equal__compares_all_bytes(void **state)
{
	struct secret *a = secret_new("a\0b", 3), *b = secret_new("a\0b", 3);
	struct secret *c = secret_new("a\0c", 3), *d = secret_new("a", 1);

	(void)state;
	assert_true(secret_equal(a, b));
	assert_false(secret_equal(a, c));
	assert_false(secret_equal(a, d));
	secret_free(a);
	secret_free(b);
	secret_free(c);
	secret_free(d);
}

static void
assert_loads(const struct secret_source *src, const char *value)
{
	struct err err = ERR_INIT;
	struct secret *s;
	size_t len;

	assert_int_equal(secret_load(&s, src, sys_real(), &err), 0);
	assert_string_equal(secret_reveal(s, &len), value);
	assert_int_equal(len, strlen(value));
	secret_free(s);
}

static void
assert_refuses(const struct secret_source *src, int code, const char *says)
{
	struct err err = ERR_INIT;
	struct secret *s = NULL;

	assert_int_equal(secret_load(&s, src, sys_real(), &err), code);
	if (strstr(err.text, says) == NULL)
		fail_msg("'%s' does not say '%s'", err.text, says);
	assert_null(strstr(err.text, "hunter2"));
	assert_null(s);
}

static void
load__from_a_file_drops_one_line_end(void **state)
{
	static const struct {
		const char *in, *value;		/* NULL: refused */
	} rows[] = {
		{ "hunter2", "hunter2" }, { "hunter2\n", "hunter2" }, { "hunter2\r\n", "hunter2" },
		{ "hunter2\n\n", "hunter2\n" }, { " a b \n", " a b " }, { "", NULL }, { "\n", NULL },
	};
	const char *path = in_dir("file");
	struct secret_source src = { .file = path };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(file_write_atomic(sys_real(), path, rows[i].in,
		    strlen(rows[i].in), 0600, NULL), 0);
		if (rows[i].value != NULL)
			assert_loads(&src, rows[i].value);
		else
			assert_refuses(&src, ERR_SECRET, path);
	}
	assert_int_equal(file_write_atomic(sys_real(), path, "hunter2\0x", 9, 0600, NULL), 0);
	assert_refuses(&src, ERR_SECRET, "NUL");
	assert_int_equal(truncate(path, 65537), 0);
	assert_refuses(&src, ERR_SECRET, "longer than 65536");
	assert_int_equal(unlink(path), 0);
	assert_refuses(&src, ERR_SECRET, path);
}

static void
load__from_the_environment(void **state)
{
	struct secret_source src = { .env = "FAIRLEAD_TEST_SECRET" };

	(void)state;
	unsetenv("FAIRLEAD_TEST_SECRET");
	assert_refuses(&src, ERR_SECRET, "FAIRLEAD_TEST_SECRET");
	setenv("FAIRLEAD_TEST_SECRET", "", 1);
	assert_refuses(&src, ERR_SECRET, "FAIRLEAD_TEST_SECRET");
	setenv("FAIRLEAD_TEST_SECRET", "hunter2", 1);
	assert_loads(&src, "hunter2");
}

static void
load__from_a_command(void **state)
{
	static const char *const prints[] = { "printf", "%s\\n", "a b;c$(id)", NULL };
	static const char *const fails[] = { "sh", "-c", "echo hunter2; echo hunter2 >&2; exit 3",
		NULL };
	static const char *const nothing[] = { "true", NULL };
	static const char *const floods[] = { "cat", "/dev/zero", NULL };
	static const char *const missing[] = { "no-such-program", NULL };
	static const char *const empty[] = { NULL };

	(void)state;
	assert_loads(&(struct secret_source){ .command = prints }, "a b;c$(id)");
	assert_refuses(&(struct secret_source){ .command = fails }, ERR_SECRET, "sh: exit status 3");
	assert_refuses(&(struct secret_source){ .command = nothing }, ERR_SECRET, "true: is empty");
	assert_refuses(&(struct secret_source){ .command = floods }, ERR_SECRET, "more than");
	assert_refuses(&(struct secret_source){ .command = missing }, ERR_SECRET, "no-such-program");
	assert_refuses(&(struct secret_source){ .command = empty }, ERR_USAGE, "empty");
	assert_refuses(&(struct secret_source){ .file = NULL }, ERR_USAGE, "one source");
	assert_refuses(&(struct secret_source){ .file = "/f", .env = "E" }, ERR_USAGE, "one source");
}

/* A clock a hundred times faster than the real one. */
static struct mono
fast_mono(struct sys *sys)
{
	struct mono t = sys_mono(sys_real());

	t.ns *= sys->scale;
	return t;
}

static void
load__gives_up_on_a_silent_command(void **state)
{
	static const char *const sleeps[] = { "sleep", "600", NULL };
	struct secret_source src = { .command = sleeps };
	struct sys fast = *sys_real();
	struct err err = ERR_INIT;
	struct secret *s;

	(void)state;
	fast.scale = 100;
	fast.mono = fast_mono;
	assert_int_equal(secret_load(&s, &src, &fast, &err), ERR_SECRET);
	assert_non_null(strstr(err.text, "sleep: no end after 10 s"));
}

static void
hash__is_sha256(void **state)
{
	char hex[65];

	(void)state;
	hash_hex(span_str("abc"), hex);
	assert_string_equal(hex,
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	hash_hex(span_str(""), hex);
	assert_string_equal(hex,
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void
hasher__parts_cannot_run_into_each_other(void **state)
{
	static const char *const rows[][3] = {
		{ "ab", "c", "" }, { "a", "bc", "" }, { "abc", "", "" }, { "", "abc", "" },
	};
	char hex[COUNT(rows)][65], again[65];
	struct hasher *h;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		h = hasher_new();
		for (int k = 0; k < 3; k++)
			hasher_part(h, span_str(rows[i][k]));
		hasher_end(h, hex[i]);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(hex[i], hex[k]);
	}
	h = hasher_new();
	hasher_part(h, span_str("ab"));
	hasher_part(h, span_str("c"));
	hasher_part(h, span_str(""));
	hasher_end(h, again);
	assert_string_equal(hex[0], again);
}

static void
fingerprint__is_a_keyed_digest(void **state)
{
	char one[17], two[17];

	(void)state;
	/* RFC 4231, test case 2 */
	secret_fingerprint("Jefe", 4, "what do ya want for nothing?", 28, one);
	assert_string_equal(one, "5bdcc146bf60754e");
	secret_fingerprint("Jeff", 4, "what do ya want for nothing?", 28, two);
	assert_string_not_equal(one, two);
	secret_fingerprint("", 0, "", 0, two);
	assert_string_equal(two, "b613679a0814d9ec");
}

static const uint8_t key[SEAL_KEY_LEN] = "0123456789abcdef0123456789abcde";

static void
seal__opens_to_what_went_in(void **state)
{
	static const size_t sizes[] = { 0, 1, 15, 16, 17, 4096, 1000003 };
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct buf plain = BUF_INIT, sealed = BUF_INIT, back = BUF_INIT;

		while (plain.len < sizes[i])
			buf_addc(&plain, (char)(plain.len * 7));
		seal(sys_real(), key, "leaf1/1", buf_span(&plain), &sealed);
		assert_int_equal(sealed.len, sizes[i] + 32);
		buf_adds(&back, "before");
		assert_int_equal(unseal(key, "leaf1/1", buf_span(&sealed), &back, &err), 0);
		assert_int_equal(back.len, 6 + sizes[i]);
		assert_memory_equal(back.data + 6, buf_str(&plain), sizes[i] + 1);
		buf_release(&plain);
		buf_release(&sealed);
		buf_release(&back);
	}
}

static void
seal__never_twice_the_same(void **state)
{
	struct buf one = BUF_INIT, two = BUF_INIT;

	(void)state;
	seal(sys_real(), key, "c", span_str("same text"), &one);
	seal(sys_real(), key, "c", span_str("same text"), &two);
	assert_false(span_eq(buf_span(&one), buf_span(&two)));
	buf_release(&one);
	buf_release(&two);
}

static void
assert_not_opened(const uint8_t *k, const char *context, struct span sealed)
{
	struct buf back = BUF_INIT;
	struct err err = ERR_INIT;

	buf_adds(&back, "before");
	assert_int_equal(unseal(k, context, sealed, &back, &err), ERR_IO);
	assert_string_equal(back.data, "before");
	assert_non_null(strstr(err.text, context));
	buf_release(&back);
}

static void
seal__refuses_wrong_key_context_and_any_flipped_bit(void **state)
{
	struct buf sealed = BUF_INIT;
	uint8_t other[SEAL_KEY_LEN];

	(void)state;
	seal(sys_real(), key, "leaf1/1", span_str("enable secret"), &sealed);
	memcpy(other, key, sizeof(other));
	other[31] ^= 1;
	assert_not_opened(other, "leaf1/1", buf_span(&sealed));
	assert_not_opened(key, "leaf2/1", buf_span(&sealed));
	assert_not_opened(key, "", buf_span(&sealed));
	for (size_t bit = 0; bit < 8 * sealed.len; bit++) {
		sealed.data[bit / 8] ^= (char)(1 << bit % 8);
		assert_not_opened(key, "leaf1/1", buf_span(&sealed));
		sealed.data[bit / 8] ^= (char)(1 << bit % 8);
	}
	for (size_t len = 0; len < sealed.len; len++)
		assert_not_opened(key, "leaf1/1", span_of(sealed.data, len));
	buf_addc(&sealed, 'x');
	assert_not_opened(key, "leaf1/1", buf_span(&sealed));
	buf_release(&sealed);
}

static void
seal_key__is_made_once_and_kept_private(void **state)
{
	const char *path = in_dir("key");
	uint8_t one[SEAL_KEY_LEN], two[SEAL_KEY_LEN], zero[SEAL_KEY_LEN] = { 0 };
	struct err err = ERR_INIT;
	struct stat st;

	(void)state;
	assert_int_equal(seal_key_load(sys_real(), path, one, &err), 0);
	assert_memory_not_equal(one, zero, sizeof(one));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(seal_key_load(sys_real(), path, two, &err), 0);
	assert_memory_equal(one, two, sizeof(one));
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(seal_key_load(sys_real(), path, two, &err), ERR_DENIED);
	assert_non_null(strstr(err.next, "chmod 600"));
	assert_int_equal(chmod(path, 0400), 0);
	assert_int_equal(seal_key_load(sys_real(), path, two, &err), 0);
	assert_int_equal(file_write_atomic(sys_real(), path, "short", 5, 0600, NULL), 0);
	assert_int_equal(seal_key_load(sys_real(), path, two, &err), ERR_IO);
	assert_int_equal(file_write_atomic(sys_real(), path, key, 32, 0600, NULL), 0);
	assert_int_equal(truncate(path, 33), 0);
	assert_int_equal(seal_key_load(sys_real(), path, two, &err), ERR_IO);
	assert_int_equal(seal_key_load(sys_real(), in_dir("no/key"), two, &err), ERR_IO);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mask__without_secrets_changes_nothing),
		cmocka_unit_test(mask__hides_each_form),
		cmocka_unit_test(mask__hides_basic_authorization),
		cmocka_unit_test(mask__overlapping_secrets_leave_no_rest),
		cmocka_unit_test(mask__repeats_of_one_letter_are_hidden),
		cmocka_unit_test(mask__short_secrets_are_left),
		cmocka_unit_test(mask__a_secret_held_twice_stays_hidden_until_both_are_gone),
		cmocka_unit_test(mask__keeps_the_maximum_of_a_buffer),
		cmocka_unit_test(mask__finds_what_a_plain_search_finds),
		cmocka_unit_test(equal__compares_all_bytes),
		cmocka_unit_test(load__from_a_file_drops_one_line_end),
		cmocka_unit_test(load__from_the_environment),
		cmocka_unit_test(load__from_a_command),
		cmocka_unit_test(load__gives_up_on_a_silent_command),
		cmocka_unit_test(hash__is_sha256),
		cmocka_unit_test(hasher__parts_cannot_run_into_each_other),
		cmocka_unit_test(fingerprint__is_a_keyed_digest),
		cmocka_unit_test(seal__opens_to_what_went_in),
		cmocka_unit_test(seal__never_twice_the_same),
		cmocka_unit_test(seal__refuses_wrong_key_context_and_any_flipped_bit),
		cmocka_unit_test(seal_key__is_made_once_and_kept_private),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
