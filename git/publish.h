/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Publishing: one commit on the results branch, made without a checkout, and
 * a note on the deployed commit, pushed without force. When somebody else
 * pushed first, the branch is fetched and the caller renders again on the new
 * tree, so nobody's work is lost and shared pages are never merged as text.
 *
 * Publishing twice is publishing once: files that are the same make no commit
 * and a note that already holds the text is left alone. So a push whose answer
 * was lost may simply be repeated.
 */
#ifndef FAIRLEAD_GIT_PUBLISH_H
#define FAIRLEAD_GIT_PUBLISH_H

#include "git/mirror.h"

struct publish_file {
	const char *path;	/* '/' between parts; the last one added counts */
	struct span text;	/* takes the place of a directory or symlink as well */
	bool remove;		/* a file; a missing one is fine */
};
struct publish_note {
	struct oid commit;	/* the commit it is about */
	const char *text;	/* appended to an existing note, never in its place */
};
struct publish_set {
	struct arena arena;	/* owns what the renderer adds */
	struct publish_file *files;
	size_t n;
	struct publish_note *notes;
	size_t n_notes;
	const char *message;	/* in the arena; "[skip ci]" is the caller's to add */
};
/* Add a file; path and text are copied into the set's arena. */
void publish_add(struct publish_set *set, const char *path, struct span text);
void publish_remove(struct publish_set *set, const char *path);
void publish_add_note(struct publish_set *set, const struct oid *commit, const char *text);

/* Called with the branch's newest commit (none: the branch is empty) to fill
 * *set; may be called several times, each with an empty set. */
typedef int (*publish_render_fn)(void *ctx, struct repo *repo, const struct oid *base,
    struct publish_set *set, struct err *err);

struct publish_options {
	const char *branch;
	const char *name, *email;	/* author and committer */
	int attempts;			/* lost races before ERR_RACE */
};
struct publish_result {
	struct oid commit;	/* the new head; equal to the base when nothing changed */
	int attempts;
};
/* 0; ERR_REMOTE (away: keep it in the outbox), ERR_RACE, ERR_DENIED (a hook or
 * a protected branch refused: the text says what the remote said); what render
 * returned; ERR_BUG for a path that no repository may hold. A missing branch
 * is begun. Branch and notes change together where the remote can do that. */
int publish(struct mirror *m, const struct publish_options *o, publish_render_fn render,
    void *ctx, struct publish_result *result, struct sys *sys, struct err *err);

#endif
