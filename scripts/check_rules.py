"""House rules that no other tool knows.

- Nothing in ``src`` works on POSIX only: the core runs on Windows too.
- No tracked file holds a path of somebody's machine or the address of a package index.

    python scripts/check_rules.py

Prints each breach as ``file:line: what`` and exits 1 when there is one.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]

POSIX_MODULES = frozenset(
    {"fcntl", "grp", "posix", "pty", "pwd", "readline", "resource", "syslog", "termios", "tty", "uvloop"}
)

POSIX_NAMES = {
    "os": frozenset(
        {"chown", "fchmod", "fchown", "fork", "forkpty", "getegid", "geteuid", "getgid", "getpgid", "getuid"}
        | {
            "killpg",
            "mkfifo",
            "mknod",
            "nice",
            "posix_spawn",
            "pread",
            "pwrite",
            "setgid",
            "setsid",
            "setuid",
        }
        | {"setuid", "sync", "fdatasync", "uname", "wait", "wait3", "wait4", "WNOHANG", "O_DIRECTORY"}
    ),
    "signal": frozenset(
        {"SIGKILL", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGCHLD", "SIGPIPE", "SIGQUIT", "alarm"}
        | {"pause", "setitimer", "sigwait", "pthread_sigmask", "pthread_kill"}
    ),
    "socket": frozenset({"AF_UNIX"}),
    "time": frozenset({"clock_gettime", "tzset"}),
}

# Written so that this file does not hold what it looks for.
UNWANTED = (
    (re.compile(r"(?<![\w.~/-])/(?:work|root|home)/\w"), "a path of one machine"),
    (re.compile(r"python" + r"hosted\.org|\bpypi\.(?:org|python)"), "the address of a package index"),
    (re.compile(r"--(?:extra-)?index" + r"-url"), "a chosen package index"),
)

SKIPPED_SUFFIXES = frozenset({".png", ".gz", ".zip"})


def names_used(node: ast.AST) -> list[tuple[str, str]]:
    """Return the (module, name) pairs that *node* takes; the name is empty for a whole module."""
    match node:
        case ast.Import():
            return [(alias.name, "") for alias in node.names]
        case ast.ImportFrom(module=str(module), level=0):
            return [(module, alias.name) for alias in node.names]
        case ast.Attribute(value=ast.Name(id=module)):
            return [(module, node.attr)]
    return []


def posix_only(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the places of *path* that cannot work on Windows."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        for module, name in names_used(node):
            if module in POSIX_MODULES or name in POSIX_NAMES.get(module, frozenset()):
                yield getattr(node, "lineno", 0), f"{module} {name}".strip() + " is not on Windows"


def unwanted(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the lines of *path* that name a machine or a package index."""
    text = path.read_text(encoding="utf-8", errors="replace")
    for number, line in enumerate(text.splitlines(), 1):
        for pattern, what in UNWANTED:
            if pattern.search(line):
                yield number, f"{what}: {line.strip()[:80]}"


def tracked() -> list[Path]:
    """Return the files that git tracks and that are there."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607 - git is found as everywhere
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    paths = [ROOT / name for name in listed.split("\0") if name]
    return [path for path in paths if path.is_file() and path.suffix not in SKIPPED_SUFFIXES]


def main() -> int:
    """Check everything, print the breaches, return the exit status."""
    breaches = [
        (path, *breach) for path in sorted((ROOT / "src").rglob("*.py")) for breach in posix_only(path)
    ]
    breaches += [(path, *breach) for path in tracked() for breach in unwanted(path)]
    for path, line, what in breaches:
        print(f"{path.relative_to(ROOT).as_posix()}:{line}: {what}")
    print(f"house rules: {len(breaches)} breach(es)")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
