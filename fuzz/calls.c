/* SPDX-License-Identifier: MIT */
/*
 * Sequences of calls on one memory section and up to eight views, against a model: what each page reads,
 * who may write it, what is committed, which copies are private. Three bytes a call.
 */
#include "fuzz.h"

#include <stdbool.h>
#include <string.h>

#include <filemap.h>

enum { PAGES = 12, VIEWS = 8, PAGE = 4096 };
#define R FM_READ
#define W (FM_READ | FM_WRITE)
#define C (FM_READ | FM_COPY)

struct page {
	uint32_t protection;
	bool private_copy;
	uint8_t value; /* of the copy */
};

struct view {
	char *base; /* NULL: none */
	uint32_t access;
	unsigned first, count;
	struct page page[PAGES];
};

struct model {
	fm_section *section;
	bool reserved, committed[PAGES];
	uint8_t value[PAGES];
	struct view view[VIEWS];
};

static const uint32_t accesses[] = { 0, R, W, C };

static bool is_committed(const struct model *model, const struct view *view, unsigned page)
{
	return !model->reserved || model->committed[view->first + page];
}

static void map(struct model *model, struct view *view, unsigned a, unsigned b)
{
	uint32_t access = accesses[a % 4];
	unsigned first = b % (PAGES + 1), count = b / 16 % PAGES;
	void *base = NULL;
	fm_status status;

	if (view->base)
		return;
	status = fm_view_map(model->section, access, first * PAGE, count * PAGE, &base);
	if (count == 0)
		count = PAGES - first;
	if (first + count > PAGES || count == 0) {
		ENSURE(status == FM_E_INVALID_VIEW_SIZE && !base);
		return;
	}
	ENSURE(status == FM_OK && base);
	*view = (struct view){ .base = base, .access = access, .first = first, .count = count };
	for (unsigned i = 0; i < count; i++)
		view->page[i].protection = access;
}

static void unmap(struct view *view, unsigned a)
{
	fm_view_info info;

	if (!view->base)
		return;
	ENSURE(fm_view_unmap(view->base + a % view->count * PAGE) == FM_OK);
	ENSURE(fm_view_query(view->base, &info) == FM_E_NOT_MAPPED_VIEW);
	view->base = NULL;
}

/* Bits that may be asked for: COPY counts as reading. */
static bool is_within(uint32_t wanted, uint32_t ceiling)
{
	return !(wanted & (R | W) & ~ceiling);
}

static void set_protection(struct view *view, unsigned first, unsigned count, uint32_t protection)
{
	for (unsigned i = first; i < first + count; i++)
		view->page[i].protection = protection;
}

static void protect(struct model *model, struct view *view, unsigned a, unsigned b, bool commit)
{
	uint32_t protection = accesses[b % 4], old = 0x5555;
	unsigned first = a % PAGES, count = b / 16;
	bool whole = true;
	fm_status status;
	char *at;

	if (!view->base || first >= view->count) /* beside it another view may lie */
		return;
	at = view->base + first * PAGE;
	status = commit ? fm_view_commit(at, count * PAGE, protection) : fm_view_protect(at, count * PAGE, protection, &old);
	if (first + count > view->count) {
		ENSURE(status < 0);
		return;
	}
	if (count == 0) {
		ENSURE(status == FM_E_INVALID_PARAMETER);
		return;
	}
	if (!is_within(protection, view->access)) {
		ENSURE(status == FM_E_SECTION_PROTECTION);
		return;
	}
	for (unsigned i = first; i < first + count; i++)
		whole = whole && (commit || is_committed(model, view, i));
	if (!whole) {
		ENSURE(status == FM_E_NOT_COMMITTED);
		return;
	}
	ENSURE(status == FM_OK);
	set_protection(view, first, count, protection);
	for (unsigned i = first; commit && i < first + count; i++)
		model->committed[view->first + i] = true;
}

static void write_byte(struct model *model, struct view *view, unsigned a, unsigned b)
{
	unsigned page = a % PAGES;
	uint8_t value = (uint8_t)b;
	struct page *state = &view->page[page];
	fm_status status;

	if (!view->base || page >= view->count || !is_committed(model, view, page))
		return;
	status = fm_write(view->base + page * PAGE + b % PAGE, &value, 1, NULL);
	if (!(state->protection & (FM_WRITE | FM_COPY))) {
		ENSURE(status == FM_E_ACCESS_VIOLATION);
		return;
	}
	ENSURE(status == FM_OK);
	status = fm_write(view->base + page * PAGE, &value, 1, NULL);
	ENSURE(status == FM_OK);
	if (state->protection & FM_COPY || state->private_copy) {
		state->private_copy = true;
		state->value = value;
	} else {
		model->value[view->first + page] = value;
	}
}

static void read_byte(const struct model *model, const struct view *view, unsigned page)
{
	const struct page *state = &view->page[page];
	uint8_t value = 0;
	fm_status status;

	if (!is_committed(model, view, page))
		return;
	status = fm_read(&value, view->base + page * PAGE, 1, NULL);
	if (state->protection == 0) {
		ENSURE(status == FM_E_ACCESS_VIOLATION);
		return;
	}
	ENSURE(status == FM_OK);
	ENSURE(value == (state->private_copy ? state->value : model->value[view->first + page]));
}

static void query(const struct model *model, const struct view *view, unsigned page)
{
	const struct page *state = &view->page[page];
	uint32_t protection = state->protection;
	fm_view_info info;

	ENSURE(fm_view_query(view->base + page * PAGE + page, &info) == FM_OK);
	ENSURE((char *)info.base == view->base && info.size == view->count * PAGE);
	ENSURE(info.offset == view->first * PAGE && info.map_access == view->access);
	ENSURE((char *)info.run_base == view->base + page * PAGE);
	ENSURE(info.run_size >= PAGE && info.run_size <= (view->count - page) * PAGE && info.run_size % PAGE == 0);
	ENSURE(info.committed == is_committed(model, view, page));
	if (!info.committed)
		return;
	if (state->private_copy && protection & FM_COPY)
		protection = W;
	ENSURE(info.protection == protection);
	ENSURE(info.private_copy == state->private_copy);
	for (unsigned i = page + 1; i < page + info.run_size / PAGE; i++)
		ENSURE(view->page[i].private_copy == state->private_copy && is_committed(model, view, i));
}

static void check_all(const struct model *model)
{
	for (unsigned i = 0; i < VIEWS; i++)
		for (unsigned page = 0; model->view[i].base && page < model->view[i].count; page++) {
			query(model, &model->view[i], page);
			read_byte(model, &model->view[i], page);
		}
}

static void call(struct model *model, unsigned op, unsigned a, unsigned b)
{
	struct view *view = &model->view[op / 16 % VIEWS];

	switch (op % 8) {
	case 0:
	case 1:
		map(model, view, a, b);
		break;
	case 2:
		unmap(view, a);
		break;
	case 3:
	case 4:
		protect(model, view, a, b, false);
		break;
	case 5:
		if (model->reserved)
			protect(model, view, a, b, true);
		break;
	default:
		write_byte(model, view, a, b);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct feed feed = { data, size };
	unsigned flags = feed_byte(&feed);
	struct model model = { .reserved = flags & 1 };
	fm_section_options options = { .size = PAGES * PAGE, .flags = flags & 1 ? FM_SECTION_RESERVE : 0 };

	fuzz_root();
	if (flags & 2)
		options.name = "calls";
	ENSURE(fm_section_create(&options, &model.section) == FM_OK);
	for (unsigned calls = 0; feed.size >= 3 && calls < 200; calls++) {
		unsigned op = feed_byte(&feed), a = feed_byte(&feed), b = feed_byte(&feed);

		call(&model, op, a, b);
		if (op & 8)
			check_all(&model);
	}
	check_all(&model);
	for (unsigned i = 0; i < VIEWS; i++)
		unmap(&model.view[i], 0);
	fm_section_close(model.section);
	return 0;
}
