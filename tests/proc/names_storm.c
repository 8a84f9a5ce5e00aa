/* SPDX-License-Identifier: MIT */
/* The naming protocol under SIGKILL. STORM_KILLS=n in the environment for more than the short form. */
#include "name_help.h"
#include "storm.h"
#include "storm_objects.h"

#define KILLS_SHORT 1000u

static struct object_name target_name(unsigned number, char buffer[32])
{
	struct object_name name;

	(void)snprintf(buffer, 32, "%s\\storm %u", number % 4 ? "Local" : "Global", number);
	REQUIRE_EQ(name_parse(buffer, &name), FM_OK);
	return name;
}

/* All zero from the start of the data to the end? */
static bool is_fresh(int fd)
{
	char bytes[4096];

	if (pread(fd, bytes, sizeof(bytes), NAME_DATA_START) != sizeof(bytes))
		return false;
	for (size_t i = 0; i < sizeof(bytes); i++)
		if (bytes[i])
			return false;
	return true;
}

static enum storm_answer acquire(unsigned number, bool may_create, uint64_t id, void **ret_handle, uint64_t *ret_id)
{
	char text[32];
	struct name_request request = {
		.name = target_name(number, text),
		.facts = { .kind = NAME_SECTION, .backing = FM_BACKING_MEMORY, .size = 4096,
			   .value = { (uint32_t)id, (uint32_t)(id >> 32) } },
		.writable = id % 3, .may_open = true, .may_create = may_create,
	};
	struct name_facts facts;
	bool made = false;
	int fd;

	switch (name_acquire(&request, &fd, &facts)) {
	case FM_OK:
		if (!is_fresh(fd))
			return STORM_STALE;
		*ret_id = id;
		made = true;
		if (pwrite(fd, &id, sizeof(id), NAME_DATA_START) != sizeof(id))
			return STORM_FAILED;
		break;
	case FM_NAME_EXISTS:
		*ret_id = facts.value[0] | (uint64_t)facts.value[1] << 32;
		break;
	case FM_E_NAME_NOT_FOUND:
		return STORM_MISSING;
	case FM_E_TIMEOUT:
		return STORM_BUSY;
	default:
		return STORM_FAILED;
	}
	*ret_handle = (void *)(intptr_t)(fd + 1);
	return made ? STORM_MADE : STORM_OPENED;
}

static void release(unsigned number, void *handle)
{
	char text[32];
	struct object_name name = target_name(number, text);

	name_release(&name, (int)(intptr_t)handle - 1);
}

/* The bytes are the creator's number, or nothing while it has not written it. */
static bool use(void *handle, uint64_t id)
{
	uint64_t written;

	return pread((int)(intptr_t)handle - 1, &written, sizeof(written), NAME_DATA_START) == sizeof(written) &&
	       (written == id || written == 0);
}

TEST(no_kill_doubles_loses_or_resurrects_an_object)
{
	static const struct storm_target target = { "names", acquire, release, use, NULL, NULL };
	struct storm_ground before;

	(void)storm_ground_make();
	before = storm_ground_look();
	storm_objects(&target, 24, storm_kills(KILLS_SHORT), 500);
	storm_ground_check(before);
}
