/* SPDX-License-Identifier: MIT */
#include "procfs.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

int line_next(struct line_reader *reader, char **ret_line)
{
	char *newline;

	while (!(newline = memchr(reader->buffer + reader->at, '\n', reader->end - reader->at))) {
		ssize_t got;

		memmove(reader->buffer, reader->buffer + reader->at, reader->end - reader->at);
		reader->end -= reader->at;
		reader->at = 0;
		if (reader->end == sizeof(reader->buffer)) {
			newline = reader->buffer + reader->end - 1;
			break;
		}
		got = OS_RETRY(os.pread(reader->fd, reader->buffer + reader->end,
					sizeof(reader->buffer) - reader->end, reader->offset));
		if (got <= 0)
			return (int)got;
		reader->end += (size_t)got;
		reader->offset += (uint64_t)got;
	}
	*newline = '\0';
	*ret_line = reader->buffer + reader->at;
	reader->at = (size_t)(newline - reader->buffer) + 1;
	return 1;
}

int number_next(struct name_walk *walk, const char **ret_name, int *ret_number)
{
	uint64_t inode;
	int result;

	while ((result = name_walk_next(walk, ret_name, &inode)) > 0) {
		char *end;
		long number = strtol(*ret_name, &end, 10);

		if (end != *ret_name && *end == '\0') {
			*ret_number = (int)number;
			return 1;
		}
	}
	return result;
}

bool mapping_parse(const char *line, struct mapping *ret_mapping)
{
	unsigned major_number, minor_number;
	int path = 0;

	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %*4s %*x %x:%x %" SCNu64 " %n", &ret_mapping->start, &ret_mapping->end,
		   &major_number, &minor_number, &ret_mapping->inode, &path) != 5)
		return false;
	ret_mapping->device = makedev(major_number, minor_number);
	ret_mapping->path = line + path;
	return true;
}

void command_read(int process, fm_holder *holder)
{
	OS_CLEANUP_FD int fd = os_open(process, "comm", O_RDONLY, 0);
	ssize_t got = fd < 0 ? 0 : OS_RETRY(os.pread(fd, holder->command, sizeof(holder->command) - 1, 0));

	holder->command[got > 0 ? got : 0] = '\0';
	holder->command[strcspn(holder->command, "\n")] = '\0';
}
