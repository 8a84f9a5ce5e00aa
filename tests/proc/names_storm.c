/* SPDX-License-Identifier: MIT */
/* The naming protocol under SIGKILL. STORM_KILLS=n in the environment for more than the short form. */
#include "name_help.h"
#include "storm.h"

#define KILLS_SHORT 8000u

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

static bool count_entry(const fm_entry *entry, void *context)
{
	(void)entry;
	++*(unsigned *)context;
	return true;
}

static unsigned entries_after_sweep(unsigned space)
{
	unsigned count = 0;

	CHECK_EQ(fm_namespace_sweep(space, NULL, NULL), FM_OK);
	CHECK_EQ(fm_namespace_list(space, count_entry, &count), FM_OK);
	return count;
}

TEST(no_kill_doubles_loses_or_resurrects_an_object)
{
	static const struct storm_target target = { acquire, release, use };
	const char *kills = getenv("STORM_KILLS");
	struct storm_options options = { .processes = 16, .names = 24, .kills = KILLS_SHORT };
	struct storm_result result;

	name_world();
	if (kills)
		options.kills = strtoull(kills, NULL, 10);
	storm_run(&target, &options, &result);
	printf("%llu kills, %llu of them inside a call; %llu calls: %llu made, %llu opened, %llu missing, %llu timed out; "
	       "%llu quiet moments\n",
	       (unsigned long long)result.kills, (unsigned long long)result.kills_inside,
	       (unsigned long long)result.calls, (unsigned long long)result.made, (unsigned long long)result.opened,
	       (unsigned long long)result.missing, (unsigned long long)result.busy, (unsigned long long)result.quiet);
	CHECK_EQ(result.doubled, 0);
	CHECK_EQ(result.lost, 0);
	CHECK_EQ(result.resurrected, 0);
	CHECK_EQ(result.stale, 0);
	CHECK_EQ(result.busy, 0);
	CHECK_EQ(result.failed, 0);
	CHECK(result.quiet > 0);
	CHECK_EQ(entries_after_sweep(FM_LOCAL), 0);
	CHECK_EQ(entries_after_sweep(FM_GLOBAL), 0);
}
