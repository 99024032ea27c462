/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of libgit2 that this room uses. Not <git2.h>: it has a field named
 * like a call that base/banned.h poisons. Network and checkout stay outside. */
#ifndef FAIRLEAD_GIT_LIBGIT2_H
#define FAIRLEAD_GIT_LIBGIT2_H

#include <git2/branch.h>
#include <git2/commit.h>
#include <git2/common.h>
#include <git2/config.h>
#include <git2/errors.h>
#include <git2/global.h>
#include <git2/graph.h>
#include <git2/object.h>
#include <git2/odb.h>
#include <git2/odb_backend.h>
#include <git2/refs.h>
#include <git2/repository.h>
#include <git2/signature.h>
#include <git2/tree.h>

#endif
