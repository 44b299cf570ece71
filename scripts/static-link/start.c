/*
 * What a program of Bun asks of the dynamic loader, answered without one. Linked with libc.a and libm.a at a fixed
 * address beside the program. `program_NAME` is what the program gets where it imports NAME.
 * The addresses program_* come from the linker's command line: absolute symbols, of which only the address counts.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <nss.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#if !defined(__GLIBC__) || __GLIBC__ != 2 || __GLIBC_MINOR__ < 34
#error "want the libc.a of glibc 2.34 or later: nss_files and nss_dns are in it from then on"
#endif

typedef void start_function(int argc, char **argv, char **envp);
typedef void end_function(void);
extern start_function *program_init_array[], *program_init_array_end[];
extern end_function *program_fini_array[], *program_fini_array_end[];
extern char program_init[], program_fini[];

/* libc.a calls them; crti.o and crt1.o, which have them, would bring a main of their own. */
void _init(void) {}
void _fini(void) {}
void _dl_relocate_static_pie(void) {}

/* At exit() the loader runs DT_FINI_ARRAY backwards, then DT_FINI. */
static void end_program(void) {
  for (end_function **next = program_fini_array_end; next-- > program_fini_array;) (*next)();
  if (program_fini != NULL) ((end_function *)program_fini)();
}

/* Before main the loader runs DT_INIT and DT_INIT_ARRAY. libc.a has run its own by now. */
typedef int main_function(int argc, char **argv, char **envp);
static main_function *program_main;
static int start_program(int argc, char **argv, char **envp) {
  /* For a database that nobody configured, static glibc reads nsswitch.conf and loads the host's modules by dlopen. */
  __nss_configure_lookup("hosts", "files dns");
  __nss_configure_lookup("passwd", "files");
  __nss_configure_lookup("group", "files");
  __nss_configure_lookup("initgroups", "files");
  __nss_configure_lookup("services", "files");
  /* Before anything of the program is: what was asked for last is done first. */
  atexit(end_program);
  if (program_init != NULL) ((end_function *)program_init)();
  for (start_function **next = program_init_array; next < program_init_array_end; next++) (*next)(argc, argv, envp);
  return program_main(argc, argv, envp);
}

/* The program's entry point calls it. libc.a's sets up threads, their variables and IFUNCs, then calls main. */
extern int __libc_start_main(main_function *, int, char **, end_function *, end_function *, end_function *, void *);
int program___libc_start_main(main_function *main, int argc, char **argv, end_function *init, end_function *fini,
                              end_function *loader_fini, void *stack_end) {
  program_main = main;
  return __libc_start_main(start_program, argc, argv, init, fini, loader_fini, stack_end);
}

/*
 * Where the stack of the first thread is, glibc reads from /proc/self/maps, and says ENOENT where no /proc is mounted;
 * JavaScriptCore aborts on that. Its end is known to libc, and how far it may grow is a limit of the process.
 */
extern void *__libc_stack_end;
int program_pthread_getattr_np(pthread_t thread, pthread_attr_t *attributes) {
  int failed = pthread_getattr_np(thread, attributes);
  if (failed == 0 || !pthread_equal(thread, pthread_self())) return failed;
  const size_t page = sysconf(_SC_PAGESIZE), usual = 8 << 20;
  struct rlimit limit;
  size_t size = getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur > usual ? usual : limit.rlim_cur;
  char *end = (char *)(((size_t)__libc_stack_end + page - 1) & ~(page - 1));
  size &= ~(page - 1);
  failed = pthread_attr_init(attributes);
  return failed != 0 ? failed : pthread_attr_setstack(attributes, end - size, size);
}

/* The names that Bun 1.4.5 looks up by dlsym(RTLD_NEXT, ...), to call what is behind its own functions of that name. */
extern int __cxa_thread_atexit_impl(void (*)(void *), void *, void *);
static const struct { const char *name; void *address; } found[] = {
  {"__cxa_thread_atexit_impl", __cxa_thread_atexit_impl},
  {"fcntl", fcntl},
  {"fcntl64", fcntl64},
  {"getrandom", getrandom},
  {"quick_exit", quick_exit},
};
static __thread const char *problem;

void *program_dlsym(void *handle, const char *name) {
  (void)handle;
  for (size_t index = 0; index < sizeof found / sizeof *found; index++)
    if (strcmp(found[index].name, name) == 0) return found[index].address;
  problem = "undefined symbol: this program is statically linked";
  return NULL;
}

void *program_dlopen(const char *path, int mode) {
  (void)path, (void)mode;
  problem = "no library can be loaded: this program is statically linked";
  return NULL;
}

int program_dlclose(void *handle) {
  (void)handle;
  problem = "nothing to close: this program is statically linked";
  return -1;
}

char *program_dlerror(void) {
  const char *said = problem;
  problem = NULL;
  return (char *)said;
}

int program_dladdr(const void *address, Dl_info *info) {
  (void)address, (void)info;
  return 0;
}
