/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log: lines on stderr, text on a terminal, one JSON object a line
 * elsewhere. Every line has a token (what part of the work) and, where there
 * is one, the device. All text passes the secret mask (base/secret.h) and has
 * its control bytes made visible. The log's level and form are process-wide
 * settings made once in main(); it is the one writer that all threads share.
 */
#ifndef FAIRLEAD_BASE_LOG_H
#define FAIRLEAD_BASE_LOG_H

#include <stdbool.h>

enum log_level { LOG_ERROR_, LOG_WARN_, LOG_INFO_, LOG_DEBUG_ };
enum log_form { LOG_FORM_AUTO, LOG_FORM_TEXT, LOG_FORM_JSON };

/* Call once, before threads. fd is usually 2. */
void log_init(int fd, enum log_level level, enum log_form form);

/* device may be NULL. */
void log_line(enum log_level level, const char *token, const char *device,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

#define log_error(token, device, ...) log_line(LOG_ERROR_, token, device, __VA_ARGS__)
#define log_warn(token, device, ...) log_line(LOG_WARN_, token, device, __VA_ARGS__)
#define log_info(token, device, ...) log_line(LOG_INFO_, token, device, __VA_ARGS__)
#define log_debug(token, device, ...) log_line(LOG_DEBUG_, token, device, __VA_ARGS__)

#endif
