/* SPDX-License-Identifier: MIT */
/* Another program in another process: posix_spawn, which tells why it could not be run. */
#include <spawn.h>

#include "os.h"

static int set_attributes(const struct os_spawn *request, posix_spawnattr_t *attributes)
{
	int flags = (request->session ? POSIX_SPAWN_SETSID : 0) | (request->group ? POSIX_SPAWN_SETPGROUP : 0);

	return posix_spawnattr_setflags(attributes, (short)flags);
}

static int set_actions(const struct os_spawn *request, posix_spawn_file_actions_t *actions)
{
	int error = 0;

	for (int i = 0; !error && i < 3; i++)
		if (request->standard[i] >= 0)
			error = posix_spawn_file_actions_adddup2(actions, request->standard[i], i);
	if (!error && request->close_others)
		error = posix_spawn_file_actions_addclosefrom_np(actions, 3);
	if (!error && request->directory)
		error = posix_spawn_file_actions_addchdir_np(actions, request->directory);
	return error;
}

static int spawn(const struct os_spawn *request, const posix_spawnattr_t *attributes, pid_t *ret_pid)
{
	posix_spawn_file_actions_t actions;
	int error = posix_spawn_file_actions_init(&actions);

	if (error)
		return error;
	error = set_actions(request, &actions);
	if (!error)
		error = posix_spawn(ret_pid, request->path, &actions, attributes, request->arguments,
				    request->environment);
	(void)posix_spawn_file_actions_destroy(&actions); /* initialised: cannot fail */
	return error;
}

pid_t os_spawn(const struct os_spawn *request)
{
	posix_spawnattr_t attributes;
	pid_t pid = -1;
	int error = posix_spawnattr_init(&attributes);

	if (!error) {
		error = set_attributes(request, &attributes);
		if (!error)
			error = spawn(request, &attributes, &pid);
		(void)posix_spawnattr_destroy(&attributes); /* initialised: cannot fail */
	}
	if (error) {
		errno = error;
		return -1;
	}
	return pid;
}
