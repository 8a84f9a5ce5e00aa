/* SPDX-License-Identifier: MIT */
/*
 * What the subcommands of filemap share: their table, options, messages and ways to print.
 */
#ifndef TOOL_H
#define TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <filemap.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Exit codes; filemap(1) lists them. */
enum {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_NOT_FOUND = 3,
	EXIT_EXISTS = 4,
	EXIT_DENIED = 5,
};

struct command {
	const char *name;
	const char *operands; /* "NAME [-- COMMAND ...]", for the usage line */
	const char *summary;  /* a line of `filemap --help` */
	const char *details;  /* paragraphs of `filemap NAME --help`, or NULL */
	int (*run)(const struct command *command, int argc, char **argv);
};
extern const struct command command_cat, command_create, command_demo, command_gc, command_hold, command_list,
	command_map, command_reaper, command_show, command_write;

/* ---- options.c ---- */

enum option_type {
	OPTION_FLAG,  /* bool */
	OPTION_TEXT,  /* const char * */
	OPTION_SIZE,  /* uint64_t; 512, 64K, 1M, 2G, 1T, powers of 1024 */
	OPTION_COUNT, /* uint64_t; plain decimal */
	OPTION_OCTAL, /* uint32_t; permission bits */
};

struct option_spec {
	const char *name;     /* "size" for --size */
	int letter;           /* its short form, or 0 */
	enum option_type type;
	void *value;          /* set if the option is given */
	const char *argument; /* "BYTES", for the help */
	const char *help;     /* NULL: not shown */
};

/**
 * options_parse - read a subcommand's options by getopt_long; --help is added
 * @specs:     ends with a NULL name
 * @least, @most: how many operands there must be
 * @ret_first: the index of the first operand; argv[argc] is NULL
 *
 * Return: -1 to go on, or the exit code after the help or a message was printed.
 */
int options_parse(const struct command *command, const struct option_spec *specs, int argc, char **argv, int least,
		  int most, int *ret_first);
int usage_error(const struct command *command, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool parse_size(const char *text, uint64_t *ret_size);

/* ---- message.c: errors name the object, the cause and what to do ---- */

/** complain - "filemap: ..." on stderr; returns EXIT_FAILED. */
int complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
/** complain_errno - complain(), with the text of errno. The exit code fits it. */
int complain_errno(const char *what, const char *object);
/** complain_status - "filemap: cannot @verb @object: cause; advice". The exit code fits @status. */
int complain_status(const char *verb, const char *object, fm_status status);

/* ---- text.c ---- */

/** size_text - "1.00 GiB", "512 B"; a ring of static buffers. */
const char *size_text(uint64_t bytes);
/** bytes_text - the plain number in one of the same buffers. */
const char *bytes_text(uint64_t bytes);
/** rate_text - "6.1 GB/s", powers of 1000. */
const char *rate_text(uint64_t bytes, double seconds);
/** time_text - "16:50:02" today, else "2026-11-24 16:50". */
const char *time_text(int64_t seconds);
/** access_text - "read, write" for a mixture of enum fm_access. */
const char *access_text(uint32_t access);
/** clean_text - without control characters, so that nobody's file name drives the terminal. Same ring. */
const char *clean_text(const char *text);
/** text_width - columns on a terminal. */
int text_width(const char *text);
/** text_utf8 - may line-drawing characters be printed? */
bool text_utf8(void);
double seconds_now(void);

struct table;
/** table_new - @headings: one for each column, "<NAME" aligned left, ">SIZE" right. */
struct table *table_new(const char *const *headings, size_t columns);
/** table_cell - the next cell of the row; copied, cleaned. */
void table_cell(struct table *table, const char *text);
/** table_print - to stdout, columns two blanks apart, no blank at a line's end; frees it. */
void table_print(struct table *table);

/** out_of_memory - say so and leave with EXIT_FAILED. */
void out_of_memory(void) __attribute__((noreturn));
/** output_flush - false, after a message, if stdout could not be written. */
bool output_flush(void);

/* ---- progress.c: one line on stderr, rewritten, only on a terminal ---- */

void progress_start(const char *label, uint64_t total);
void progress_update(uint64_t done);
/** progress_say - a line of words instead of numbers, until the next of these calls. */
void progress_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void progress_end(void);

/* ---- json.c: to stdout; @key is NULL inside arrays and for the outermost value ---- */

void json_object(const char *key);
void json_array(const char *key);
void json_end(void);
/** json_text - NULL prints null; bytes that are no UTF-8 become U+FFFD. */
void json_text(const char *key, const char *value);
void json_number(const char *key, uint64_t value);
void json_signed(const char *key, int64_t value);
void json_real(const char *key, double value);
void json_bool(const char *key, bool value);

/* ---- inspect.c: a name with all that is known of it, from the library and from /proc ---- */

struct view_fact {
	uint64_t address, size, offset; /* offset in the section */
	bool readable, writable, executable, shared;
};

struct process_fact {
	fm_holder holder;
	struct view_fact *views;
	size_t view_count;
};

struct name_fact {
	fm_entry entry; /* its texts are owned; name: NULL if it has none */
	struct process_fact *processes;
	size_t process_count;
};

struct name_list {
	struct name_fact *names; /* sorted by name */
	size_t count;
};

/** names_collect - the entries of a namespace, added to @list. */
fm_status names_collect(unsigned which, struct name_list *list);
/** process_collect - the sections of a process, with and without names (NULL), each with it and its views. */
fm_status process_collect(int32_t pid, struct name_list *list);
/** name_find - the one entry that @name means; FM_E_NAME_NOT_FOUND. name_fact_free() it. */
fm_status name_find(const char *name, struct name_fact *ret_fact);
/** name_add_holders - who holds it; with @views also each view, from /proc/PID/maps. */
fm_status name_add_holders(struct name_fact *fact, bool views);
/** entry_paged - is it memory whose pages are a disk's, because its namespace is? */
bool entry_paged(const fm_entry *entry);
void name_fact_free(struct name_fact *fact);
void name_list_free(struct name_list *list);

/** json_name - all of it as an object; json_process - one holder, @views: with each of its views. */
void json_name(const char *key, const struct name_fact *fact, bool holders, bool views);
void json_process(const struct process_fact *process, bool views);

/** draw_relation - file or memory, section, views and processes as text. @labels may be NULL; else a
 *  text for a process id, or NULL. */
typedef const char *process_label(int32_t pid);
void draw_relation(const struct name_fact *fact, process_label *label);

/* ---- hold_until.c ---- */

/** hold_prepare - before there is something to hold: signals wait until hold_until_told() takes them. */
void hold_prepare(void);
/** hold_until_told - wait for the end of stdin (unless @ignore_input), SIGINT, SIGTERM or SIGHUP. */
void hold_until_told(bool ignore_input);

/* ---- checksum.c ---- */

uint32_t crc32_add(uint32_t crc, const void *data, size_t length);

/* A fast sum that depends on order: the reader, not the arithmetic, is to be measured. */
struct quick_sum {
	uint64_t a[4], b[4];
};
/** quick_sum_add - @length must be a multiple of 32 except in the last call. */
void quick_sum_add(struct quick_sum *sum, const void *data, size_t length);
uint64_t quick_sum_value(const struct quick_sum *sum);
/** mix64 - a bijection that scatters: the pseudo-random words of the demo. */
uint64_t mix64(uint64_t value);

#endif
