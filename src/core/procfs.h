/* SPDX-License-Identifier: MIT */
/* What /proc tells of processes: numbered entries, lines, mappings. For those that look from outside. */
#ifndef FM_CORE_PROCFS_H
#define FM_CORE_PROCFS_H

#include "names_internal.h"

/* Lines of a file of /proc, read in order. */
struct line_reader {
	int fd;
	uint64_t offset;
	size_t at, end;
	char buffer[8192];
};

/* 1: a line of at most the buffer's size, without its end (longer ones are cut); 0: the end; -errno. */
int line_next(struct line_reader *reader, char **ret_line);

/* Entries of a directory whose names are numbers. 1 and the number; 0: the end; -errno. */
int number_next(struct name_walk *walk, const char **ret_name, int *ret_number);

/* The head of a mapping in maps or smaps. */
struct mapping {
	uint64_t start, end, device, inode;
	const char *path; /* in the line; "" for none */
};
bool mapping_parse(const char *line, struct mapping *ret_mapping);

/* The command of the process whose directory is @process, into its holder. */
void command_read(int process, fm_holder *holder);

#endif
