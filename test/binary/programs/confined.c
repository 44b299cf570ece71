/*
 * confined ROOT PROGRAM ARGUMENTS...: runs a program of another root as uid and gid 65532, without capabilities and
 * under a filter of system calls like containerd's default, and a little narrower. Linux on x86-64.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define WITH(code, value) {BPF_RET | BPF_K, 0, 0, (code) | ((value) & SECCOMP_RET_DATA)}
#define REFUSE(name) {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_##name}, WITH(SECCOMP_RET_ERRNO, EPERM)
#define LOAD(field) {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, field)}

static struct sock_filter filter[] = {
  LOAD(arch),
  {BPF_JMP | BPF_JEQ | BPF_K, 1, 0, AUDIT_ARCH_X86_64},
  WITH(SECCOMP_RET_KILL_PROCESS, 0),
  LOAD(nr),
  /* Its flags lie in memory, where a filter cannot look: containerd has it fail as on an older kernel. */
  {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_clone3}, WITH(SECCOMP_RET_ERRNO, ENOSYS),
  REFUSE(acct), REFUSE(add_key), REFUSE(bpf), REFUSE(chroot), REFUSE(clock_adjtime), REFUSE(clock_settime),
  REFUSE(delete_module), REFUSE(fanotify_init), REFUSE(finit_module), REFUSE(fsconfig), REFUSE(fsmount), REFUSE(fsopen),
  REFUSE(fspick), REFUSE(get_mempolicy), REFUSE(init_module), REFUSE(io_uring_enter), REFUSE(io_uring_register),
  REFUSE(io_uring_setup), REFUSE(ioperm), REFUSE(iopl), REFUSE(kcmp), REFUSE(kexec_file_load), REFUSE(kexec_load),
  REFUSE(keyctl), REFUSE(lookup_dcookie), REFUSE(mbind), REFUSE(mount), REFUSE(mount_setattr), REFUSE(move_mount),
  REFUSE(move_pages), REFUSE(name_to_handle_at), REFUSE(open_by_handle_at), REFUSE(open_tree), REFUSE(perf_event_open),
  REFUSE(pivot_root), REFUSE(quotactl), REFUSE(reboot), REFUSE(request_key), REFUSE(set_mempolicy), REFUSE(setdomainname),
  REFUSE(sethostname), REFUSE(setns), REFUSE(settimeofday), REFUSE(swapoff), REFUSE(swapon), REFUSE(sysfs), REFUSE(syslog),
  REFUSE(umount2), REFUSE(unshare), REFUSE(userfaultfd), REFUSE(ustat), REFUSE(vhangup),
  /* containerd lets these through: they are how a program could unpack itself or start another way. */
  REFUSE(execveat), REFUSE(memfd_create), REFUSE(process_vm_readv), REFUSE(process_vm_writev), REFUSE(ptrace),
  /* A process of its own, not a namespace. */
  {BPF_JMP | BPF_JEQ | BPF_K, 0, 3, SYS_clone},
  LOAD(args[0]),
  {BPF_JMP | BPF_JSET | BPF_K, 0, 1, CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET},
  WITH(SECCOMP_RET_ERRNO, EPERM),
  WITH(SECCOMP_RET_ALLOW, 0),
};

int main(int argc, char **argv) {
  struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
  if (argc < 3) return fputs("usage: confined ROOT PROGRAM ARGUMENTS...\n", stderr), 125;
  if (chroot(argv[1]) != 0 || chdir("/") != 0) return perror("confined: chroot"), 125;
  if (setgroups(0, NULL) != 0 || setgid(65532) != 0 || setuid(65532) != 0) return perror("confined: setuid"), 125;
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return perror("confined: no new privileges"), 125;
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) return perror("confined: filter"), 125;
  execv(argv[2], argv + 2);
  return perror(argv[2]), 127;
}
