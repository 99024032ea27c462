/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys of each kind of step: which there are, what they hold, what they are
 * for. Adding a key is a row here and a member of struct raw_step.
 */
#include "devices/step_raw.h"

static const char *const errors_words[] = { "always", "unless-success", "never", NULL };
static const char *const source_words[] = { "candidate", NULL };

#define AT(member) offsetof(struct raw_step, member)
#define NEED FIELD_REQUIRED
#define HOUR (INT64_C(3600) * 1000)
#define ROW_SUCCESS { "success", FIELD_NODE, AT(success), \
    .help = "patterns that prove success" }
#define ROW_MAY { "may", FIELD_NODE, AT(may), \
    .help = "patterns whose groups are taken when they match" }
#define ROW_ERRORS { "errors", FIELD_ENUM, AT(errors), .words = errors_words, .def = "always", \
	.help = "whether the platform's errors are looked for" }
#define ROW_OTHERWISE { "otherwise", FIELD_NODE, AT(otherwise), \
    .help = "what to do when it does not hold" }
#define ROW_RESULT { "result", FIELD_BOOL, AT(result), \
    .help = "the reply is the verb's result" }
#define ROW_DROP { "drop", FIELD_STRING, AT(drop), .help = "pattern cut from the reply" }
#define ROW_UNTIL { "until", FIELD_STRING, AT(until), .help = "repeat until this matches" }
#define ROW_EVERY { "every", FIELD_DURATION, AT(every), 0, 10, HOUR, .def = "1s", \
    .help = "pause between" }
#define ROW_TIMEOUT { "timeout", FIELD_STRING, AT(timeout), \
    .help = "duration, or `timer`: the change's" }
#define ROW_TEXT { "text", FIELD_ENUM, AT(source), NEED, .words = source_words, \
    .help = "what is sent" }
#define ROW_WITHOUT { "without_last", FIELD_STRING, AT(without_last), \
	.help = "the last line is left out when it matches" }
#define ROW_COMMON ROW_SUCCESS, ROW_MAY, ROW_ERRORS, ROW_OTHERWISE, ROW_TIMEOUT

static const struct field send_rows[] = {
	{ "send", FIELD_STRING, AT(line), NEED, .help = "a line for the shell" },
	{ "mode", FIELD_NAME, AT(mode), .help = "mode it must end in; default: the same" },
	{ "relearn", FIELD_BOOL, AT(relearn), .help = "the host part of the prompt may change" },
	{ "expect", FIELD_NODE, AT(expect), .help = "questions it may ask, with answers" },
	ROW_COMMON, ROW_RESULT, ROW_DROP, ROW_UNTIL, ROW_EVERY,
};
static const struct field exec_rows[] = {
	{ "exec", FIELD_NODE, AT(words), NEED, .help = "a command as a list of words; no shell" },
	{ "status", FIELD_STRING, AT(status), .def = "0", .help = "exit status, or any" },
	ROW_COMMON, ROW_RESULT, ROW_DROP, ROW_UNTIL, ROW_EVERY,
};
static const struct field upload_rows[] = {
	{ "upload", FIELD_STRING, AT(line), NEED, .help = "path on the device" },
	{ "file_mode", FIELD_STRING, AT(file_mode), .help = "octal; default: as the file is" },
	ROW_TEXT, ROW_WITHOUT,
};
static const struct field paste_rows[] = {
	{ "paste", FIELD_ENUM, AT(source), NEED, .words = source_words,
	    .help = "lines, each a command" },
	{ "mode", FIELD_NAME, AT(mode), .help = "mode it must end in; default: any" },
	ROW_WITHOUT, ROW_COMMON,
};
static const struct field heredoc_rows[] = {
	{ "heredoc", FIELD_STRING, AT(line), NEED, .help = "the line that starts it" },
	{ "end", FIELD_STRING, AT(end), NEED, .help = "bytes that end it" },
	{ "ready", FIELD_STRING, AT(ready), .help = "what the device says when it listens" },
	ROW_TEXT, ROW_WITHOUT, ROW_COMMON,
};
static const struct field match_rows[] = {
	{ "match", FIELD_NAME, AT(name), NEED, .help = "value to look at; reply: the last one" },
	{ "cases", FIELD_NODE, AT(cases), NEED,
	    .help = "list of {when, ...}; the first that matches" },
	ROW_OTHERWISE,
};
static const struct field require_rows[] = {
	{ "require", FIELD_NAME, AT(name), NEED, .help = "value that must be set" },
	{ "matches", FIELD_STRING, AT(matches), .help = "and match this" },
	ROW_OTHERWISE,
};
static const struct field compare_rows[] = {
	{ "compare", FIELD_STRINGS, AT(pair), NEED, .help = "two values" },
	{ "within", FIELD_INT, AT(within), 0, 0, 1000000000,
	    .help = "numbers and times so near are equal (ms)" },
	{ "less", FIELD_NODE, AT(less), .help = "the first is less" },
	{ "equal", FIELD_NODE, AT(equal), .help = "they are equal" },
	{ "greater", FIELD_NODE, AT(greater), .help = "the first is greater" },
	{ "differ", FIELD_NODE, AT(differ),
	    .help = "they differ and no other case says what to do" },
	{ "unset", FIELD_NODE, AT(unset), .help = "one is not set; default: as differ" },
};
static const struct field each_rows[] = {
	{ "each", FIELD_STRING, AT(matches), NEED, .help = "pattern over the last reply" },
	{ "do", FIELD_NODE, AT(steps), NEED, .help = "steps for each match" },
};
static const struct field elapsed_rows[] = {
	{ "elapsed", FIELD_NAME, AT(name), NEED, .help = "number to set, in milliseconds" },
	{ "from", FIELD_NAME, AT(from), NEED, .help = "a time" },
	{ "to", FIELD_NAME, AT(to), NEED, .help = "a later one" },
};
static const struct field let_rows[] = {
	{ "let", FIELD_PAIRS, AT(lets), NEED, .help = "values to set" },
};
static const struct field wait_rows[] = {
	{ "wait", FIELD_DURATION, AT(wait), NEED, 1, HOUR, .help = "how long" },
};
static const struct field answer_rows[] = {
	{ "answer", FIELD_STRING, AT(answer), NEED, .help = "the verb's answer; ends it" },
};
static const struct field fail_rows[] = {
	{ "fail", FIELD_STRING, AT(fail), NEED, .help = "class of the error; ends the verb" },
	{ "say", FIELD_STRING, AT(say), NEED, .help = "what is wrong" },
	{ "next", FIELD_STRING, AT(next), .help = "what a person should do" },
};
static const struct field part_rows[] = {
	{ "part", FIELD_NAME, AT(name), NEED, .help = "steps of that part" },
};

#define TABLE(k) \
	static const struct field_table k##_table = \
	    FIELD_TABLE("step." #k, struct raw_step, k##_rows, "A step.")
TABLE(send);
TABLE(exec);
TABLE(upload);
TABLE(paste);
TABLE(heredoc);
TABLE(match);
TABLE(require);
TABLE(compare);
TABLE(each);
TABLE(elapsed);
TABLE(let);
TABLE(wait);
TABLE(answer);
TABLE(fail);
TABLE(part);

const struct step_table step_tables[STEP_KINDS] = {
	[STEP_SEND] = { "send", &send_table }, [STEP_EXEC] = { "exec", &exec_table },
	[STEP_UPLOAD] = { "upload", &upload_table }, [STEP_PASTE] = { "paste", &paste_table },
	[STEP_HEREDOC] = { "heredoc", &heredoc_table },
	[STEP_MATCH] = { "match", &match_table },
	[STEP_REQUIRE] = { "require", &require_table },
	[STEP_COMPARE] = { "compare", &compare_table }, [STEP_EACH] = { "each", &each_table },
	[STEP_ELAPSED] = { "elapsed", &elapsed_table }, [STEP_LET] = { "let", &let_table },
	[STEP_WAIT] = { "wait", &wait_table }, [STEP_ANSWER] = { "answer", &answer_table },
	[STEP_FAIL] = { "fail", &fail_table }, [STEP_PART] = { "part", &part_table },
};

#define ACTION(member) offsetof(struct raw_action, member)
#define ACTION_ROWS \
	{ "answer", FIELD_STRING, ACTION(answer), .help = "the verb's answer; ends it" }, \
	{ "fail", FIELD_STRING, ACTION(fail), .help = "class of the error; ends the verb" }, \
	{ "say", FIELD_STRING, ACTION(say), .help = "with fail: what is wrong" }, \
	{ "next", FIELD_STRING, ACTION(next), .help = "with fail: what a person should do" }, \
	{ "stop", FIELD_BOOL, ACTION(stop), .help = "the verb is done" }, \
	{ "do", FIELD_NODE, ACTION(steps), .help = "steps to do" }
static const struct field action_rows[] = { ACTION_ROWS };
static const struct field case_rows[] = {
	{ "when", FIELD_STRING, ACTION(when), NEED, .help = "pattern; its groups set values" },
	ACTION_ROWS
};
const struct field_table step_action_table =
    FIELD_TABLE("step.action", struct raw_action, action_rows, "What to do.");
const struct field_table step_case_table =
    FIELD_TABLE("step.case", struct raw_action, case_rows, "A case and what to do.");
static const struct field question_rows[] = {
	{ "match", FIELD_STRING, offsetof(struct raw_question, match), NEED,
	    .help = "the question" },
	{ "answer", FIELD_STRING, offsetof(struct raw_question, answer), NEED,
	    .help = "the answer, without line end" },
};
const struct field_table step_question_table =
    FIELD_TABLE("step.expect", struct raw_question, question_rows, "A question and its answer.");
