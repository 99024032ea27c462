/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a fuzz target over files, so that each corpus is a plain test in every
 * build and a crash can be looked at without libFuzzer. Arguments are files or
 * directories (not their subdirectories). No file at all is a failure: a test
 * that runs nothing must not pass.
 */
#include <dirent.h>
#include <sys/stat.h>

#include "base/sys.h"

#define INPUT_MAX ((size_t)64 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
run_file(const char *path)
{
	struct err err = ERR_INIT;
	char *text = NULL, *exact;
	size_t len = 0;

	if (file_read(path, INPUT_MAX, &text, &len, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return -1;
	}
	/* Without the NUL after it, so that reading past the end shows. */
	exact = malloc(len > 0 ? len : 1);
	if (exact == NULL)
		abort();
	memcpy(exact, text, len);
	free(text);
	LLVMFuzzerTestOneInput((const uint8_t *)exact, len);
	free(exact);
	return 1;
}

/* Files run, or -1 when one could not be read. */
static int
run_directory(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	int n = 0, r = 0;

	if (dir == NULL) {
		fprintf(stderr, "%s: cannot be read\n", path);
		return -1;
	}
	while (r >= 0 && (entry = readdir(dir)) != NULL) {
		char file[4096];
		struct stat st;

		snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
		if (entry->d_name[0] == '.' || stat(file, &st) < 0 || !S_ISREG(st.st_mode))
			continue;
		r = run_file(file);
		n++;
	}
	closedir(dir);
	return r < 0 ? r : n;
}

int
main(int argc, char **argv)
{
	int total = 0;

	for (int i = 1; i < argc; i++) {
		struct stat st;
		bool directory = stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode);
		int n = directory ? run_directory(argv[i]) : run_file(argv[i]);

		if (n < 0)
			return 1;
		total += n;
	}
	printf("%d inputs\n", total);
	return total > 0 ? 0 : 1;
}
