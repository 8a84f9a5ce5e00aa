/* SPDX-License-Identifier: MIT */
/* Keys of the terminal as events. Nothing is installed before a program asks for it. */
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "port.h"

enum { HANDLERS = 32, EVENTS = 3 };

static const int signals[EVENTS] = { SIGINT, SIGQUIT, SIGHUP };

/* Changed under LOCK_FINDS; read by the thread without it. */
static _Atomic(PHANDLER_ROUTINE) handlers[HANDLERS];
static pid_t owner;                    /* the process that has the thread; 0: none */
static _Atomic uint32_t arrived;       /* bits of events, and the word the thread sleeps on */

static void end_by(int number)
{
	const struct sigaction action = { .sa_handler = SIG_DFL };

	(void)os.sigaction(number, &action, NULL);
	(void)raise(number);
}

/* A forked child has the handler and not the thread: the signal does there what it would without either. */
static void note(int number)
{
	for (unsigned i = 0; i < EVENTS; i++)
		if (signals[i] == number)
			atomic_fetch_or(&arrived, 1u << i);
	if (os_pid() == owner) {
		(void)os.futex((uint32_t *)&arrived, FUTEX_WAKE_PRIVATE, 1, NULL);
		return;
	}
	end_by(number);
}

/* The last one that was added is asked first; who says TRUE ends it. Without one the process ends. */
static void dispatch(DWORD event)
{
	for (unsigned i = HANDLERS; i-- > 0;) {
		PHANDLER_ROUTINE handler = atomic_load(&handlers[i]);

		if (handler && handler(event))
			return;
	}
	end_by(signals[event]);
}

static void *deliver(void *unused)
{
	(void)unused;
	for (;;) {
		uint32_t events = atomic_exchange(&arrived, 0);

		for (DWORD i = 0; i < EVENTS; i++)
			if (events >> i & 1)
				dispatch(i);
		if (!events)
			(void)os.futex((uint32_t *)&arrived, FUTEX_WAIT_PRIVATE, 0, NULL);
	}
	return NULL;
}

/* The thread takes no signal itself, so that it is never interrupted in a handler of the program. */
static fm_status start(void)
{
	struct sigaction action = { .sa_handler = note, .sa_flags = SA_RESTART };
	sigset_t all, old;
	pthread_t thread;
	int error;

	if (owner == os_pid())
		return FM_OK;
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	error = pthread_create(&thread, NULL, deliver, NULL);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (error)
		return FM_E_INSUFFICIENT_RESOURCES;
	(void)pthread_detach(thread);
	owner = os_pid();
	for (unsigned i = 0; i < EVENTS; i++)
		(void)os.sigaction(signals[i], &action, NULL); /* these may be caught: cannot fail */
	return FM_OK;
}

static fm_status add(PHANDLER_ROUTINE handler)
{
	fm_status status = start();

	for (unsigned i = 0; i < HANDLERS && !status_failed(status); i++)
		if (!atomic_load(&handlers[i])) {
			atomic_store(&handlers[i], handler);
			return FM_OK;
		}
	return status_failed(status) ? status : FM_E_INSUFFICIENT_RESOURCES;
}

static fm_status remove_handler(PHANDLER_ROUTINE handler)
{
	for (unsigned i = HANDLERS; i-- > 0;)
		if (atomic_load(&handlers[i]) == handler) {
			for (; i + 1 < HANDLERS; i++)
				atomic_store(&handlers[i], atomic_load(&handlers[i + 1]));
			atomic_store(&handlers[HANDLERS - 1], NULL);
			return FM_OK;
		}
	return FM_E_INVALID_PARAMETER;
}

static fm_status ignore(bool ignored)
{
	struct sigaction action = { .sa_handler = ignored ? SIG_IGN : owner == os_pid() ? note : SIG_DFL,
				    .sa_flags = SA_RESTART };
	int error = os.sigaction(SIGINT, &action, NULL);

	return error < 0 ? fm_internal_status_of(OP_DESCRIPTOR, error) : FM_OK;
}

static fm_status change(PHANDLER_ROUTINE handler, bool adds)
{
	PORT_LOCK_SCOPE(LOCK_FINDS);

	if (!handler)
		return ignore(adds);
	return adds ? add(handler) : remove_handler(handler);
}

BOOL WINAPI SetConsoleCtrlHandler(PHANDLER_ROUTINE HandlerRoutine, BOOL Add)
{
	fm_status status = fm_internal_lock_ready();

	return finish(status_failed(status) ? status : change(HandlerRoutine, Add));
}
