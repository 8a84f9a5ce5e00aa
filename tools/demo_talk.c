/* SPDX-License-Identifier: MIT */
/* Starting the workers of the demo, talking to them, killing them. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "demo.h"

/* In the child: only the two pipes go along. */
static _Noreturn void execute(int in, int out, const char *label, const char *file_name, const char *board_name)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0)
		_exit(EXIT_FAILED);
	execl("/proc/self/exe", "filemap", "demo", "--worker", label, file_name, board_name, (char *)NULL);
	complain("cannot run /proc/self/exe again: %s", strerror(errno));
	_exit(EXIT_FAILED);
}

bool worker_start(struct demo_worker *worker, const char *label, const char *file_name, const char *board_name)
{
	int to[2], from[2];

	if (pipe2(to, O_CLOEXEC) < 0 || pipe2(from, O_CLOEXEC) < 0) {
		complain("cannot make a pipe: %s", strerror(errno));
		return false;
	}
	worker->label = label;
	worker->pid = fork();
	if (worker->pid == 0)
		execute(to[0], from[1], label, file_name, board_name);
	if (worker->pid < 0) {
		complain("cannot start a process: %s", strerror(errno));
		return false;
	}
	close(to[0]);
	close(from[1]);
	worker->to = fdopen(to[1], "w");
	worker->from = fdopen(from[0], "r");
	if (!worker->to || !worker->from)
		out_of_memory();
	return true;
}

static void send_list(struct demo_worker *worker, const char *format, va_list list)
{
	if (!worker->to)
		return; /* its answer will fail */
	vfprintf(worker->to, format, list);
	fputc('\n', worker->to);
	fflush(worker->to);
}

void worker_send(struct demo_worker *worker, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	send_list(worker, format, list);
	va_end(list);
}

static const char *complaint;

const char *worker_complaint(void)
{
	const char *text = complaint;

	complaint = NULL;
	return text;
}

bool worker_answer(struct demo_worker *worker, const char **ret_text)
{
	static char answers[4][256];
	static unsigned next;
	char *answer = answers[next++ % ARRAY_SIZE(answers)];

	*ret_text = complaint = "the process has ended";
	if (!worker->from || !fgets(answer, sizeof(answers[0]), worker->from))
		return false;
	answer[strcspn(answer, "\n")] = '\0';
	*ret_text = strlen(answer) > 3 ? answer + 3 : "";
	complaint = strncmp(answer, "ok", 2) == 0 ? NULL : *ret_text;
	return !complaint;
}

bool worker_ask(struct demo_worker *worker, const char **ret_text, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	send_list(worker, format, list);
	va_end(list);
	return worker_answer(worker, ret_text);
}

int worker_end(struct demo_worker *worker)
{
	int state = 0;

	if (worker->pid <= 0)
		return 0;
	kill(worker->pid, SIGKILL);
	while (waitpid(worker->pid, &state, 0) < 0 && errno == EINTR)
		;
	worker->pid = 0;
	return state;
}

bool worker_kill(struct demo_worker *worker)
{
	int state;

	if (worker->pid <= 0)
		return false;
	state = worker_end(worker);
	fclose(worker->to);
	fclose(worker->from);
	worker->to = worker->from = NULL;
	return WIFSIGNALED(state) && WTERMSIG(state) == SIGKILL;
}
