/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Leases and slots under one mutex. Waiters stand in one list a class, in
 * order of arrival, each with a condition of its own; whoever leaves passes
 * the slot on to the first waiter, by class, whose device is free. There are
 * never more waiters than worker threads, so walking the lists is cheap.
 */
#include "controller/admit.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct waiter {
	const char *device;
	bool admitted;
	pthread_cond_t turn;
	struct waiter *next;
};

/* A device that is leased; the list is as long as the slots in use. */
struct lease {
	char *device;
	struct lease *next;
};

struct admit {
	pthread_mutex_t lock;
	int free_slots;
	bool stopping;
	struct lease *leases;
	struct waiter *first[ADMIT_CLASSES];
};

struct admit *
admit_new(int slots)
{
	struct admit *a = mem_zalloc(sizeof(*a));

	pthread_mutex_init(&a->lock, NULL);
	a->free_slots = slots;
	return a;
}

void
admit_free(struct admit *a)
{
	if (a == NULL)
		return;
	pthread_mutex_destroy(&a->lock);
	free(a);
}

static bool
leased(const struct admit *a, const char *device)
{
	const struct lease *l;

	for (l = a->leases; l != NULL; l = l->next)
		if (strcmp(l->device, device) == 0)
			return true;
	return false;
}

static bool
try_take(struct admit *a, enum admit_class class, const char *device)
{
	struct lease *l;

	/* Confirm and revert never wait for a slot: the device's timer runs. */
	if ((a->free_slots <= 0 && class != ADMIT_CONFIRM) || leased(a, device))
		return false;
	l = mem_zalloc(sizeof(*l));
	l->device = mem_strdup(device);
	l->next = a->leases;
	a->leases = l;
	a->free_slots--;
	return true;
}

/* Let in whoever can start now. */
static void
pass_on(struct admit *a)
{
	struct waiter **at, *w;
	int class;

	for (class = 0; class < ADMIT_CLASSES; class++)
		for (at = &a->first[class]; (w = *at) != NULL;) {
			if (!try_take(a, class, w->device)) {
				at = &w->next;
				continue;
			}
			*at = w->next;
			w->admitted = true;
			pthread_cond_signal(&w->turn);
		}
}

static void
leave_queue(struct admit *a, enum admit_class class, struct waiter *w)
{
	struct waiter **at;

	for (at = &a->first[class]; *at != NULL; at = &(*at)->next)
		if (*at == w) {
			*at = w->next;
			return;
		}
}

int
admit_enter(struct admit *a, enum admit_class class, const char *device, struct err *err)
{
	struct waiter w = { .device = device }, **at;
	bool turned_away = false;

	pthread_cond_init(&w.turn, NULL);
	pthread_mutex_lock(&a->lock);
	for (at = &a->first[class]; *at != NULL; at = &(*at)->next)
		;
	*at = &w;
	if (!a->stopping || class == ADMIT_CONFIRM)
		pass_on(a);
	while (!w.admitted && !turned_away) {
		if (a->stopping && class != ADMIT_CONFIRM)
			turned_away = true;
		else
			pthread_cond_wait(&w.turn, &a->lock);
	}
	if (turned_away)
		leave_queue(a, class, &w);
	pthread_mutex_unlock(&a->lock);
	pthread_cond_destroy(&w.turn);
	return turned_away ? err_set(err, ERR_CANCELLED, "Fairlead is stopping") : 0;
}

void
admit_leave(struct admit *a, const char *device)
{
	struct lease **at, *l;

	pthread_mutex_lock(&a->lock);
	for (at = &a->leases; (l = *at) != NULL; at = &l->next)
		if (strcmp(l->device, device) == 0) {
			*at = l->next;
			free(l->device);
			free(l);
			a->free_slots++;
			break;
		}
	pass_on(a);
	pthread_mutex_unlock(&a->lock);
}

void
admit_stop(struct admit *a)
{
	struct waiter *w;
	int class;

	pthread_mutex_lock(&a->lock);
	a->stopping = true;
	for (class = ADMIT_DEPLOY; class < ADMIT_CLASSES; class++)
		for (w = a->first[class]; w != NULL; w = w->next)
			pthread_cond_signal(&w->turn);
	pthread_mutex_unlock(&a->lock);
}

bool
admit_stopping(struct admit *a)
{
	bool stopping;

	pthread_mutex_lock(&a->lock);
	stopping = a->stopping;
	pthread_mutex_unlock(&a->lock);
	return stopping;
}
