"""Runs one solution against tests, in a process that is thrown away. Standard library only; Python 3.8 or later.

Standard input has the job as JSON: nonce, solution, entry (the function's name), prompt, cpuSeconds, memoryBytes, and either
test (code that defines check(candidate)) or compare (inputs, solution, tolerance: the outputs of another solution are right).
File descriptor 3 gets JSON lines that carry the nonce: what protects the machine, the verdict, and how the process ended.

What a solution may do is limited four times over, because no layer is to be had everywhere:
- limits of the operating system on memory, processor time and the size of files (POSIX);
- an audit hook (PEP 578) that ends the process with the reason when it starts processes, writes files, uses the network,
  sends signals, changes limits or calls native code. It is no fence against native code, hence
- a seccomp filter for the same, in the kernel and without root (Linux on x86-64 and AArch64);
- namespaces of its own for network and processes, where the kernel lets one be made (root, or user namespaces).
"""
import json
import os
import sys

VERDICT = 3
LINUX = sys.platform.startswith("linux")


def reporter(nonce):
    # Bound now: a solution may put something else in their places.
    write, dumps, leave = os.write, json.dumps, os._exit

    def report(**fields):
        write(VERDICT, (dumps({"nonce": nonce, **fields}) + "\n").encode())

    def fail(reason):
        report(passed=False, reason=reason)
        leave(0)

    return report, fail


# ---- What holds the solution ----

CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x08000000, 0x10000000, 0x20000000, 0x40000000
PR_SET_PDEATHSIG, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 22, 38


def libc():
    try:
        import ctypes
    except ImportError:
        return None
    return ctypes.CDLL(None, use_errno=True)


def own_namespaces(c):
    """Children are alone: no network, and no processes but their own. Whether that could be had."""
    wanted = CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC
    return c is not None and LINUX and (c.unshare(wanted) == 0 or c.unshare(wanted | CLONE_NEWUSER) == 0)


def limited(cpu_seconds, memory_bytes):
    """Which limits could be set. A hard limit on processor time: the first process of a namespace ignores the signal of a soft one."""
    try:
        import resource
    except ImportError:
        return False
    whole = True
    for name, most in (
        ("RLIMIT_CPU", cpu_seconds),
        ("RLIMIT_AS", memory_bytes),
        ("RLIMIT_FSIZE", 0),
        ("RLIMIT_CORE", 0),
        ("RLIMIT_NOFILE", 64),
        ("RLIMIT_NPROC", 0),
    ):
        try:
            limit = getattr(resource, name)
            _, hard = resource.getrlimit(limit)
            least = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(limit, (least, least))
        except (AttributeError, ValueError, OSError):
            whole = False
    return whole


# Numbers of system calls, by machine: AUDIT_ARCH, those refused, and those whose arguments decide.
SYSCALLS = {
    "x86_64": (
        0xC000003E,
        # socket connect bind socketpair clone fork vfork execve kill truncate ftruncate rename mkdir rmdir creat link unlink
        # symlink chmod fchmod chown fchown lchown ptrace mknod utime setrlimit chroot mount umount2 setxattr tkill
        [41, 42, 49, 53, 56, 57, 58, 59, 62, 76, 77, 82, 83, 84, 85, 86, 87, 88, 90, 91, 92, 93, 94, 101, 133, 132, 160, 161, 165]
        # … tgkill utimes mkdirat mknodat fchownat unlinkat renameat linkat symlinkat fchmodat unshare utimensat setns
        + [166, 188, 200, 234, 235, 258, 259, 260, 263, 264, 265, 266, 268, 272, 280, 308]
        # process_vm_writev renameat2 memfd_create bpf execveat io_uring_setup clone3 openat2 fchmodat2
        + [311, 316, 319, 321, 322, 425, 435, 437, 452],
        {"open": 2, "openat": 257, "prlimit64": 302},
    ),
    "aarch64": (
        0xC00000B7,
        [198, 199, 200, 203, 220, 221, 129, 130, 131, 45, 46, 33, 34, 35, 36, 37, 38, 39, 40, 51, 52, 53, 54, 55, 117, 164, 88]
        + [5, 97, 268, 271, 276, 279, 280, 281, 425, 435, 437, 452],
        {"openat": 56, "prlimit64": 261},
    ),
}


def filtered(c):
    """Has the kernel refuse what a solution has no need of, for good. Whether it does."""
    known = SYSCALLS.get(os.uname().machine) if LINUX and c is not None and sys.maxsize > 2**32 else None
    if known is None:
        return False
    import ctypes
    import struct

    arch, refused, deciding = known
    load, equal, above, any_bit, give = 0x20, 0x15, 0x35, 0x45, 0x06
    allow, refuse, number, arguments = 0x7FFF0000, 0x00050000 | 1, 0, 16
    code = [(load, 0, 0, 4), (equal, 1, 0, arch), (give, 0, 0, refuse), (load, 0, 0, number)]
    if os.uname().machine == "x86_64":
        code += [(above, 0, 1, 0x40000000), (give, 0, 0, refuse)]  # the x32 numbering
    for one in refused:
        code += [(equal, 0, 1, one), (give, 0, 0, refuse)]
    writes = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
    for name, at in (("open", 1), ("openat", 2)):
        if name in deciding:
            code += [(equal, 0, 4, deciding[name]), (load, 0, 0, arguments + 8 * at), (any_bit, 0, 1, writes)]
            code += [(give, 0, 0, refuse), (give, 0, 0, allow)]
    # Limits may be read (no new ones are given, both halves of the pointer), not set.
    code += [(equal, 0, 6, deciding["prlimit64"]), (load, 0, 0, arguments + 16), (equal, 0, 3, 0)]
    code += [(load, 0, 0, arguments + 20), (equal, 0, 1, 0), (give, 0, 0, allow), (give, 0, 0, refuse)]
    code += [(give, 0, 0, allow)]
    packed = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *one) for one in code))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(code), ctypes.addressof(packed)))
    if c.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return c.prctl(PR_SET_SECCOMP, 2, program, 0, 0) == 0


FORBIDDEN = (
    (("os.fork", "os.forkpty", "os.exec", "os.posix_spawn", "os.spawn", "os.system", "subprocess.Popen", "pty.spawn"), "start a process"),
    (("os.kill", "os.killpg", "signal.pthread_kill"), "send a signal"),
    (("socket.", "urllib.", "ftplib.", "http.client.", "smtplib.", "telnetlib.", "webbrowser."), "open a socket"),
    (("os.remove", "os.rmdir", "os.unlink", "shutil.rmtree"), "delete files"),
    (("os.rename", "os.mkdir", "os.link", "os.symlink", "os.truncate", "os.ch", "os.setxattr", "os.removexattr"), "change files"),
    (("os.utime", "os.lockf", "shutil.", "tempfile.", "dbm.", "sqlite3."), "change files"),
    (("resource.setrlimit", "resource.prlimit"), "change its limits"),
    (("ctypes.",), "call native code"),
    (("syslog.",), "write to the system's log"),
)
HARMLESS = ("os.chdir", "shutil.get_")


def guarded(fail):
    """Ends the process, with the reason, at what no solution of a programming task needs."""
    writes = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

    def hook(event, args):
        if event == "open":
            if isinstance(args[2], int) and args[2] & writes:
                fail("tried to write a file")
            return
        # What `import ctypes` itself does.
        if event == "ctypes.dlopen" and args[0] is None or event.startswith(HARMLESS):
            return
        for events, what in FORBIDDEN:
            if event.startswith(events):
                fail(f"tried to {what} ({event})")

    try:
        import _posixsubprocess

        # Starts programs without an audit event before Python 3.12.
        _posixsubprocess.fork_exec = lambda *_: fail("tried to start a process (fork_exec)")
    except ImportError:
        pass
    # The tests' own names may not be asked for through a trace of this module.
    sys.addaudithook(hook)


# ---- The tests ----

def close(expected, given, tolerance):
    """Whether an output is right: equal, or within the tolerance where numbers are floats."""
    if expected == given:
        return True
    if isinstance(expected, (list, tuple)):
        same = isinstance(given, (list, tuple)) and len(expected) == len(given)
        return same and all(close(a, b, tolerance) for a, b in zip(expected, given))
    if isinstance(expected, float) and isinstance(given, (int, float)):
        return abs(expected - given) <= (tolerance or 1e-6) + 1e-7 * abs(expected)
    return False


def compare(job, candidate):
    import copy

    right = {"__name__": "reference"}
    exec(job["compare"]["solution"], right)
    tolerance = job["compare"]["tolerance"]
    for inputs in job["compare"]["inputs"]:
        given = candidate(*copy.deepcopy(inputs))
        if job["entry"] == "find_zero":
            # Any zero is right; the function that it has to be one of comes with the task.
            assert abs(right["poly"](*copy.deepcopy(inputs), given)) <= (tolerance or 1e-4)
        else:
            assert close(right[job["entry"]](*copy.deepcopy(inputs)), given, tolerance)


def described(error):
    text = " ".join(str(error).split())
    return f"{type(error).__name__}{': ' + text[:200] if text else ''}"


def judge(job, report, fail):
    names = {"__name__": "solution"}
    # The tests see what the task's own text defines, which a solution need not repeat.
    tests = {"__name__": "tests"}
    try:
        if "test" in job:
            exec(job["prompt"], tests)
    except Exception as error:
        fail(f"the task's own text cannot be run: {described(error)}")
    try:
        try:
            code = compile(job["solution"], "solution.py", "exec")
        except (SyntaxError, ValueError) as error:
            fail(f"the solution cannot be read: {described(error)}")
        exec(code, names)
        candidate = names.get(job["entry"])
        if not callable(candidate):
            fail(f"there is no function {job['entry']}")
        if "test" in job:
            tests[job["entry"]] = candidate
            exec(compile(job["test"], "tests.py", "exec"), tests)
            tests["check"](candidate)
        else:
            compare(job, candidate)
    except AssertionError:
        fail("a test failed")
    except MemoryError:
        fail("ran out of memory")
    except RecursionError:
        fail("recurred too deeply")
    except BaseException as error:
        fail(described(error))
    report(passed=True)


def main():
    job = json.load(sys.stdin)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    report, fail = reporter(job.pop("nonce"))
    sys.path[:] = [folder for folder in sys.path if os.path.abspath(folder) != os.path.dirname(os.path.abspath(__file__))]
    c = libc()
    alone = own_namespaces(c)
    child = os.fork()
    if child == 0:
        if c is not None and LINUX:
            c.prctl(PR_SET_PDEATHSIG, 9, 0, 0, 0)
        layers = ["limits"] if limited(job["cpuSeconds"], job["memoryBytes"]) else []
        guarded_by = layers + ["guard"] + (["namespaces"] if alone else [])
        # The filter comes before the hook, which would refuse the calls that set it.
        if filtered(c):
            guarded_by.append("filter")
        guarded(fail)
        report(layers=guarded_by)
        judge(job, report, fail)
        os._exit(0)
    _, status, used = os.wait4(child, 0)
    signal = status & 0x7F
    report(ended=True, code=status >> 8, signal=signal, cpuSeconds=used.ru_utime + used.ru_stime)


if __name__ == "__main__":
    main()
