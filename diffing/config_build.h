/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between config.c and config_path.c.
 */
#ifndef FAIRLEAD_DIFFING_CONFIG_BUILD_H
#define FAIRLEAD_DIFFING_CONFIG_BUILD_H

#include "diffing/config.h"

/* Append an item below another. */
uint32_t config_add(struct config *c, uint32_t parent, uint32_t word);
/* The item with that word below another; config_put() makes it when there is
 * none, config_find() gives 0. */
uint32_t config_find(const struct config *c, uint32_t parent, uint32_t word);
uint32_t config_put(struct config *c, uint32_t parent, uint32_t word);
/* Give an item another word. False when a brother that was made by
 * config_put() or renamed has it. */
bool config_rename(struct config *c, uint32_t i, uint32_t word);
/* Note that a node means item i. */
void config_stands(struct config *c, uint32_t i, uint32_t node);
/* The word of a line with its numbers sorted, or NODE_NONE when they are none. */
uint32_t config_range(struct config *c, const struct dialect_rule *rule, struct span line);
/* Whether text put behind an item would run into it. */
bool config_is_open(const struct config *c, uint32_t i);
/* A step of paths, or a menu, that only leads to what is ignored is ignored with
 * it, where the other text has not that step. */
void config_mark_hollow(struct config *c);
void config_mark_carries(struct config *c, uint32_t i);
/* What stands in a compared text for a value that is not compared. */
#define CONFIG_CUT "\x01"
void config_read_paths(struct config *c);

#endif
