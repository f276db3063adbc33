"""Run one program and write down what it cost: `launch.py FIGURES PROGRAM ARGUMENT...`

A process of its own and as small as Python can be: Linux counts the memory of whoever starts a program into
that program's peak (getrusage(2), ru_maxrss), so the one who starts it must be smaller than what is measured.
"""

import os
import sys
import time


def main() -> None:
    """Run the program on our input and output, write wall and processor seconds and peak KiB."""
    figures, *command = sys.argv[1:]
    started = time.perf_counter()
    process = os.posix_spawn(command[0], command, os.environ)
    _, status, usage = os.wait4(process, 0)
    wall = time.perf_counter() - started
    with open(figures, "w") as file:  # noqa: PTH123 - pathlib would triple the size of this process
        file.write(f"{wall} {usage.ru_utime + usage.ru_stime} {usage.ru_maxrss}")
    sys.exit(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()
