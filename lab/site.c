/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From options to devices: which there are (files of a directory, then
 * numbers), what each boots with, which host key it has (made once, found
 * again in the lab's directory), what faults it is given.
 */
#include "lab/site.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

enum { MAX_CONFIG = 64 << 20, MAX_DEVICES = 65536 };

/* --- keys ------------------------------------------------------------- */

int
site_make_key(ssh_key *key, const char *path, struct err *err)
{
	if (ssh_pki_generate(SSH_KEYTYPE_ED25519, 0, key) != SSH_OK)
		return err_set(err, ERR_BUG, "cannot make a host key");
	if (path != NULL && (ssh_pki_export_privkey_file(*key, NULL, NULL, NULL, path) != SSH_OK ||
	    chmod(path, 0600) != 0))
		return err_set(err, ERR_IO, "cannot write the host key %s", path);
	return 0;
}

static int
load_key(ssh_key *key, const char *path, struct err *err)
{
	if (access(path, F_OK) != 0)
		return site_make_key(key, path, err);
	if (ssh_pki_import_privkey_file(path, NULL, NULL, NULL, key) != SSH_OK)
		return err_set(err, ERR_IO, "cannot read the host key %s", path);
	return 0;
}

static int
fingerprint(struct site *s, struct err *err)
{
	unsigned char *hash = NULL;
	size_t len = 0;
	char *text;

	if (ssh_get_publickey_hash(s->key, SSH_PUBLICKEY_HASH_SHA256, &hash, &len) != SSH_OK)
		return err_set(err, ERR_BUG, "cannot hash a host key");
	text = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, len);
	ssh_clean_pubkey_hash(&hash);
	s->fingerprint = mem_strdup(text);
	ssh_string_free_char(text);
	return 0;
}

static int
site_key(struct site *s, const struct lab_options *o, struct err *err)
{
	struct buf path = BUF_INIT;
	int r;

	if (o->one_host_key)
		buf_addf(&path, "%s/hostkey", o->dir);
	else
		buf_addf(&path, "%s/%s/hostkey", o->dir, s->dev->name);
	r = load_key(&s->key, buf_str(&path), err);
	buf_release(&path);
	return r == 0 ? fingerprint(s, err) : r;
}

/* --- names ------------------------------------------------------------ */

struct names {
	struct arena arena;
	const char **v;
	size_t n;
	bool from_dir;		/* the first n_files are files of a directory */
	size_t n_files;
};

static int
by_nature(const void *a, const void *b)
{
	return natural_cmp(*(const char *const *)a, *(const char *const *)b);
}

/* Each <name>.cfg in the directory. */
static int
names_of_dir(struct names *names, const char *path, struct err *err)
{
	DIR *d = opendir(path);
	struct dirent *e;

	if (d == NULL)
		return err_errno(err, ERR_USAGE, "cannot read the directory %s", path);
	while ((e = readdir(d)) != NULL) {
		size_t len = strlen(e->d_name);
		char *name;

		if (len < 5 || strcmp(e->d_name + len - 4, ".cfg") != 0)
			continue;
		name = arena_strndup(&names->arena, e->d_name, len - 4);
		if (text_name_ok(name))
			ARENA_PUSH(&names->arena, names->v, names->n) = name;
	}
	closedir(d);
	if (names->n > 1)
		qsort(names->v, names->n, sizeof(*names->v), by_nature);
	names->n_files = names->n;
	return 0;
}

static int
find_names(struct names *names, const struct lab_options *o, struct err *err)
{
	const char *prefix = o->prefix != NULL ? o->prefix : "sw";
	struct stat st;
	int r = 0;

	names->from_dir = o->config != NULL && stat(o->config, &st) == 0 && S_ISDIR(st.st_mode);
	if (names->from_dir)
		r = names_of_dir(names, o->config, err);
	for (int i = (int)names->n + 1; r == 0 && i <= o->count; i++)
		ARENA_PUSH(&names->arena, names->v, names->n) =
		    arena_printf(&names->arena, "%s%d", prefix, i);
	if (r == 0 && (names->n == 0 || names->n > MAX_DEVICES))
		return err_set(err, ERR_USAGE, "a lab has 1 to %d devices, not %zu", MAX_DEVICES,
		    names->n);
	if (r == 0 && !text_name_ok(names->v[names->n - 1]))
		return err_set(err, ERR_USAGE, "not a device name: %s", names->v[names->n - 1]);
	return r;
}

/* --- devices ---------------------------------------------------------- */

static int
add_file(const char *path, struct buf *out, struct err *err)
{
	char *text;
	size_t len;
	int r = file_read(path, MAX_CONFIG, &text, &len, err);

	if (r != 0)
		return r;
	buf_add(out, text, len);
	free(text);
	return 0;
}

/* The operator's file for this device, into path; false: there is none. */
static bool
config_path(const struct names *names, size_t i, const struct lab_options *o, struct buf *path)
{
	if (o->config == NULL || (names->from_dir && i >= names->n_files))
		return false;
	buf_adds(path, o->config);
	if (names->from_dir)
		buf_addf(path, "/%s.cfg", names->v[i]);
	return true;
}

/* What a device boots with: what it saved in an earlier life of the lab, else
 * the operator's file, else a generated one. */
static int
config_of(const struct names *names, size_t i, const struct lab_options *o,
    const struct dialect *d, const char *secret, struct buf *out, struct err *err)
{
	struct seed seed = { names->v[i], (int)i + 1, o->user, secret };
	struct buf path = BUF_INIT;
	int r = 0;

	buf_addf(&path, "%s/%s/startup.cfg", o->dir, names->v[i]);
	if (access(buf_str(&path), F_OK) == 0) {
		r = add_file(buf_str(&path), out, err);
		buf_release(&path);
		return r;
	}
	buf_clear(&path);
	if (config_path(names, i, o, &path)) {
		r = add_file(buf_str(&path), out, err);
		if (!names->from_dir)
			buf_addf(out, "\nhostname %s\n", names->v[i]);
	} else {
		d->generate(&seed, out);
	}
	buf_release(&path);
	return r;
}

static int
make_site(struct site *s, const struct names *names, size_t i, const struct sites *all,
    const struct lab_options *o, const struct dialect *d, const char *secret, struct err *err)
{
	struct buf config = BUF_INIT, dir = BUF_INIT;
	struct device_options dev = {
		.dialect = d, .sys = o->sys, .name = names->v[i], .version = o->version,
		.user = all->user, .password = all->password,
		.enable_password = all->enable_password, .index = (int)i + 1,
	};
	int r = config_of(names, i, o, d, secret, &config, err);

	buf_addf(&dir, "%s/%s", o->dir, names->v[i]);
	dev.dir = buf_str(&dir);
	dev.config = buf_str(&config);
	if (r == 0)
		r = device_new(&s->dev, &dev, err);
	if (r == 0)
		r = site_key(s, o, err);
	buf_release(&config);
	buf_release(&dir);
	return r;
}

int
sites_make(struct sites *out, const struct lab_options *options, struct err *err)
{
	struct lab_options o = *options;
	const struct dialect *d = dialect_find(o.dialect != NULL ? o.dialect : "arista_eos");
	struct names names = { .arena = ARENA_INIT };
	struct buf secret = BUF_INIT;
	int r;

	memset(out, 0, sizeof(*out));
	if (d == NULL)
		return err_set(err, ERR_USAGE, "no such dialect: %s", o.dialect);
	o.user = out->user = mem_strdup(o.user != NULL ? o.user : "admin");
	out->password = mem_strdup(o.password != NULL ? o.password : "admin");
	if (o.enable_password != NULL)
		out->enable_password = mem_strdup(o.enable_password);
	r = find_names(&names, &o, err);
	if (r == 0)
		r = file_mkdirs(o.dir, 0755, err);
	if (r == 0) {
		d->store_secret(out->password, &secret);
		out->v = mem_calloc(names.n, sizeof(*out->v));
		out->n = names.n;
	}
	for (size_t i = 0; r == 0 && i < names.n; i++)
		r = make_site(&out->v[i], &names, i, out, &o, d, buf_str(&secret), err);
	buf_release(&secret);
	arena_release(&names.arena);
	return r;
}

void
sites_release(struct sites *s)
{
	for (size_t i = 0; i < s->n; i++) {
		device_free(s->v[i].dev);
		ssh_key_free(s->v[i].key);
		free(s->v[i].fingerprint);
	}
	free(s->v);
	free(s->user);
	free(s->password);
	free(s->enable_password);
	memset(s, 0, sizeof(*s));
}

/* --- faults ----------------------------------------------------------- */

static int
give_fault(struct sites *s, const char *pattern, const char *spec, struct err *err)
{
	struct lab_fault f;
	size_t hits = 0;
	int r = fault_parse(&f, spec, err);

	for (size_t i = 0; r == 0 && i < s->n; i++) {
		struct device *dev = s->v[i].dev;

		if (!text_glob(pattern, dev->name))
			continue;
		hits++;
		device_lock(dev);
		r = device_fault(dev, &f, err);
		device_unlock(dev);
	}
	if (r == 0 && hits == 0)
		return err_set(err, ERR_USAGE, "no device is called %s", pattern);
	return r;
}

static int
faults_of_line(struct sites *s, const char *text, struct err *err)
{
	const char *colon = strchr(text, ':');
	char *pattern;
	int r;

	if (colon == NULL)
		return err_set(err, ERR_USAGE, "a fault is DEVICE:KIND[:ARG], not %s", text);
	pattern = mem_strndup(text, (size_t)(colon - text));
	r = give_fault(s, pattern, colon + 1, err);
	free(pattern);
	return r;
}

static int
faults_of_node(struct sites *s, const char *pattern, const struct doc_node *n, struct err *err)
{
	int r = 0;

	if (n->kind == DOC_SCALAR)
		return give_fault(s, pattern, n->text, err);
	if (n->kind == DOC_MAP)
		return err_set(err, ERR_USAGE, "faults of %s: a fault or a list, not a map",
		    pattern);
	for (size_t i = 0; r == 0 && i < n->n; i++)
		r = n->items[i]->kind == DOC_SCALAR ?
		    give_fault(s, pattern, n->items[i]->text, err) :
		    err_set(err, ERR_USAGE, "faults of %s: not a text", pattern);
	return r;
}

static int
faults_of_file(struct sites *s, const char *path, struct err *err)
{
	struct arena a = ARENA_INIT;
	struct problems ps;
	struct doc_node *doc = NULL;
	char *text;
	size_t len;
	int r = file_read(path, 1 << 20, &text, &len, err);

	if (r != 0)
		return r;
	problems_init(&ps, &a);
	r = doc_parse_yaml(&doc, &a, path, span_of(text, len), &DOC_LIMITS, &ps);
	if (r != 0 || doc->kind != DOC_MAP)
		r = err_set(err, ERR_USAGE, "%s: %s", path, ps.n > 0 ? ps.v[0].text :
		    "a map of devices to faults is wanted");
	for (size_t i = 0; r == 0 && i < doc->n; i++)
		r = faults_of_node(s, doc->pairs[i].key, doc->pairs[i].value, err);
	free(text);
	arena_release(&a);
	return r;
}

int
sites_faults(struct sites *s, const struct lab_options *o, struct err *err)
{
	int r = 0;

	if (o->fault_file != NULL)
		r = faults_of_file(s, o->fault_file, err);
	for (size_t i = 0; r == 0 && o->faults != NULL && o->faults[i] != NULL; i++)
		r = faults_of_line(s, o->faults[i], err);
	return r;
}
