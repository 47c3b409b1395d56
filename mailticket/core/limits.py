"""What the process that reads mail may take for one mail: time, memory, files. The table of all bounds is `bounds`."""

from __future__ import annotations

MB = 1 << 20

MAX_SECONDS = 10.0  # over it the reader is killed: the mail is tried again, and the third time goes to quarantine
QUICK_SECONDS = 1.0  # over it the mail is read aside, and the others go on
MAX_MEMORY = 512 * MB  # more than the reader has at its start; over it as over the seconds
MAX_CPU = 20  # seconds of the processor for one mail: the system sees to it, should the desk not
MAX_OPEN_FILES = 32  # of the reader, which opens none but its own modules
NO_MEMORY = 12  # the status that the reader ends with where a mail needs more memory
