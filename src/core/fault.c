/* SPDX-License-Identifier: MIT */
/* The signal handlers: what a fault is, who is asked, and the chain to who was there before. */
#include "faulting.h"

#include <errno.h>
#include <filemap.h>
#include <ucontext.h>

#include "copy.h"
#include "lock.h"
#include "os.h"
#include "status.h"
#include "view.h"

enum { BUS, SEGV, SIGNALS };
static const int numbers[SIGNALS] = { SIGBUS, SIGSEGV };

struct signal_state {
	struct sigaction former;  /* whom we pass on to; written before `known` */
	atomic_bool known;
	atomic_bool active;       /* ours; false: only passing on */
	unsigned wanted;          /* enables that want it; LOCK_FAULT */
};
static struct signal_state states[SIGNALS];
static unsigned hosted;       /* enables by hosts; LOCK_FAULT */

atomic_bool fault_guards_copies;
static _Atomic(fault_filter *) first_filter, last_filter;

void fault_set_filters(fault_filter *first, fault_filter *last)
{
	atomic_store(&first_filter, first);
	atomic_store(&last_filter, last);
}

/* ---- what it is ---- */

/* Uncommitted pages of a reserved section are SIGBUS to the kernel. */
static bool committed(const struct region *region, uintptr_t address)
{
	struct page_run run;

	if (!(region->section->attributes & SECTION_RESERVE) &&
	    !(atomic_load_explicit(&region->flags, memory_order_relaxed) & REGION_GROWABLE))
		return true;
	view_run(region, address, OS_PAGE, &run);
	return run.committed;
}

/* Two threads at one guard, or at a protection that changes: who was late tries again, once. */
static bool late(struct fault *fault)
{
	static _Thread_local uintptr_t tried __attribute__((tls_model("initial-exec")));
	bool again = tried == fault->address;

	tried = again ? 0 : fault->address;
	return !again;
}

static enum repair judge(struct region *region, int number, struct fault *fault)
{
	enum repair repair = REPAIR_NONE;

	fault->ours = true;
	if (number == SIGSEGV) {
		repair = fault_take_guard(region, fault);
		if (repair == REPAIR_GUARD)
			fault->status = FM_E_GUARD_PAGE;
		return repair == REPAIR_AGAIN && !late(fault) ? REPAIR_NONE : repair;
	}
	if (region->kind != REGION_VIEW)
		return REPAIR_NONE;
	if (!committed(region, fault->address))
		fault->status = FM_E_ACCESS_VIOLATION;
	else
		repair = fault_zero_page(region, fault->address);
	return repair;
}

static enum repair look(int number, const siginfo_t *info, void *context, struct fault *fault)
{
	enum repair repair = REPAIR_NONE;
	struct region *region;
	unsigned token;

	*fault = (struct fault){
		.address = info->si_code == SI_KERNEL ? UINTPTR_MAX : (uintptr_t)info->si_addr,
		.instruction = os_context_pc(context),
		.access = os_context_access(context),
		.status = number == SIGBUS ? FM_E_IN_PAGE_ERROR : FM_E_ACCESS_VIOLATION,
		.poisoned = number == SIGBUS && info->si_code == BUS_MCEERR_AR,
		.context = context,
	};
	token = grace_enter();
	region = region_find(fault->address);
	if (region && region->kind != REGION_PLACEHOLDER)
		repair = judge(region, number, fault);
	grace_leave(token);
	return repair;
}

/* ---- who is asked ---- */

static bool ask(_Atomic(fault_filter *) *which, const struct fault *fault)
{
	fault_filter *filter = atomic_load_explicit(which, memory_order_acquire);

	return filter && filter(fault);
}

/* Sent by somebody, a bad alignment, or news of a page that nobody has touched: not what an access met. */
static bool is_access(int number, const siginfo_t *info)
{
	if (info->si_code <= 0)
		return false;
	return number == SIGSEGV || (number == SIGBUS && (info->si_code == BUS_ADRERR || info->si_code == BUS_MCEERR_AR));
}

bool fm_fault_handle(int number, siginfo_t *info, void *context)
{
	uintptr_t fixup = os_copy_fixup(os_context_pc(context));
	int saved = errno;
	struct fault fault;
	enum repair repair;
	bool handled;

	if (!is_access(number, info))
		return false;
	if (fixup) {
		os_context_set_pc(context, fixup);
		return true;
	}
	repair = look(number, info, context, &fault);
	handled = repair == REPAIR_AGAIN || ask(&first_filter, &fault) || fault_leave_block(&fault) ||
		  ask(&last_filter, &fault);
	if (!handled && repair == REPAIR_GUARD)
		fault_return_guard(fault.address);
	errno = saved;
	return handled;
}

/* ---- the chain ---- */

/* A fault comes again as soon as we return; what was sent does not. */
static void act_by_default(int number, const siginfo_t *info)
{
	struct sigaction action = { .sa_handler = SIG_DFL };

	(void)os.sigaction(number, &action, NULL); /* cannot fail for these numbers */
	if (!is_access(number, info))
		(void)os.tgkill(os_pid(), os_tid(), number); /* it ends this process */
}

/* As the kernel would have called it. */
static void call_former(const struct sigaction *former, int number, siginfo_t *info, void *context)
{
	sigset_t mask = former->sa_mask, before;

	if (!(former->sa_flags & SA_NODEFER))
		(void)sigaddset(&mask, number);
	(void)os.sigprocmask(SIG_BLOCK, &mask, &before); /* cannot fail */
	if (former->sa_flags & SA_SIGINFO)
		former->sa_sigaction(number, info, context);
	else
		former->sa_handler(number);
	(void)os.sigprocmask(SIG_SETMASK, &before, NULL);
}

static void pass_on(const struct signal_state *state, int number, siginfo_t *info, void *context)
{
	const struct sigaction *former = &state->former;
	bool plain = !(former->sa_flags & SA_SIGINFO);

	if (!atomic_load_explicit(&state->known, memory_order_acquire) || (plain && former->sa_handler == SIG_DFL))
		act_by_default(number, info);
	else if (!plain || former->sa_handler != SIG_IGN)
		call_former(former, number, info, context);
	else if (is_access(number, info)) /* nobody can ignore a fault */
		act_by_default(number, info);
}

static void on_fault(int number, siginfo_t *info, void *context)
{
	const struct signal_state *state = &states[number == SIGBUS ? BUS : SEGV];
	int saved = errno;

	if (!atomic_load_explicit(&state->active, memory_order_acquire) || !fm_fault_handle(number, info, context))
		pass_on(state, number, info, context);
	errno = saved;
}

/* ---- enabling ---- */

/*
 * SA_ONSTACK: a thread with an alternate stack has it for its own stack's end, which is a fault too.
 * SA_NODEFER, and an empty mask: a filter may fault in turn, and nothing is blocked where it leaves the handler.
 * Once others have come after us and may pass on to us, we stay where we are in the chain.
 */
static int install(int which)
{
	struct signal_state *state = &states[which];
	struct sigaction ours = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER };
	int error = 0;

	if (!atomic_load_explicit(&state->known, memory_order_relaxed)) {
		error = os.sigaction(numbers[which], NULL, &state->former);
		if (error < 0)
			return error;
		atomic_store_explicit(&state->known, true, memory_order_release);
		error = os.sigaction(numbers[which], &ours, NULL);
		if (error < 0)
			atomic_store_explicit(&state->known, false, memory_order_release);
	}
	if (error >= 0)
		atomic_store_explicit(&state->active, true, memory_order_release);
	return error;
}

static void uninstall(int which)
{
	struct signal_state *state = &states[which];
	struct sigaction now;

	atomic_store_explicit(&state->active, false, memory_order_release);
	if (os.sigaction(numbers[which], NULL, &now) < 0 || !(now.sa_flags & SA_SIGINFO) || now.sa_sigaction != on_fault)
		return;
	if (os.sigaction(numbers[which], &state->former, NULL) >= 0)
		atomic_store_explicit(&state->known, false, memory_order_release);
}

static void note_coverage(void)
{
	atomic_store_explicit(&fault_guards_copies, hosted || (states[BUS].wanted && states[SEGV].wanted),
			      memory_order_release);
}

static unsigned flag_of(int which)
{
	return which == BUS ? FM_FAULT_BUS : FM_FAULT_SEGV;
}

/* What was not taken is passed by. */
static void drop(unsigned flags)
{
	hosted -= (flags & FM_FAULT_HOSTED) && hosted;
	for (int which = 0; which < SIGNALS; which++)
		if ((flags & flag_of(which)) && states[which].wanted && --states[which].wanted == 0)
			uninstall(which);
	note_coverage();
}

static fm_status take(unsigned flags)
{
	unsigned taken = flags & FM_FAULT_HOSTED;
	int error = 0;

	hosted += taken != 0;
	for (int which = 0; which < SIGNALS && error >= 0; which++) {
		if (!(flags & flag_of(which)))
			continue;
		error = states[which].wanted == 0 ? install(which) : 0;
		if (error >= 0) {
			states[which].wanted++;
			taken |= flag_of(which);
		}
	}
	if (error < 0)
		drop(taken);
	note_coverage();
	return error < 0 ? FM_E_UNSUCCESSFUL : FM_OK;
}

/* 0 stands for both signals. False: no meaningful mixture. */
static bool flags_of(unsigned asked, unsigned *ret_flags)
{
	const unsigned both = FM_FAULT_BUS | FM_FAULT_SEGV;

	*ret_flags = asked ? asked : both;
	return asked == FM_FAULT_HOSTED || !(asked & ~both);
}

fm_status fm_fault_enable(unsigned asked)
{
	unsigned flags;
	fm_status status = flags_of(asked, &flags) ? lock_ready() : FM_E_INVALID_PARAMETER;

	if (status_failed(status))
		return status;
	LOCK_SCOPE(LOCK_FAULT);
	return take(flags);
}

void fm_fault_disable(unsigned asked)
{
	unsigned flags;

	if (!flags_of(asked, &flags) || status_failed(lock_ready()))
		return;
	LOCK_SCOPE(LOCK_FAULT);
	drop(flags);
}

fm_status fault_ready(void)
{
	fm_status status = lock_ready();

	if (status_failed(status) || atomic_load_explicit(&fault_guards_copies, memory_order_acquire))
		return status;
	LOCK_SCOPE(LOCK_FAULT);
	return atomic_load_explicit(&fault_guards_copies, memory_order_relaxed) ? FM_OK
									       : take(FM_FAULT_BUS | FM_FAULT_SEGV);
}
