"""Lines of which none takes more memory than a payload may: of a longer one the beginning is kept, and its length."""

LONGEST = 16 << 20  # bytes of one payload


class TooLong(bytes):
    """The beginning of a line that is longer than LONGEST; `length` is how long it is."""

    length: int


def is_cut(line: bytes) -> bool:
    """Whether what `readline(LONGEST)` gave may be the beginning of a line only."""
    return len(line) >= LONGEST and not line.endswith(b"\n")


def to_its_end(line: bytes, stream) -> bytes:
    """The line that begins so, read to its end."""
    while more := stream.readline(LONGEST):
        line = joined(line, more)
        if more.endswith(b"\n"):
            break
    return line


def joined(line: bytes, more: bytes) -> bytes:
    """A line that goes on."""
    length = getattr(line, "length", len(line)) + len(more)
    if length <= LONGEST:
        return line + more
    if type(line) is not TooLong:
        line = TooLong(line + more[: LONGEST - len(line)])
    line.length = length
    return line


def stripped(line: bytes) -> bytes:
    """Without blanks around it, where it is whole."""
    return line if type(line) is TooLong else line.strip()
