"""How large a request may be: the longest text, pasted and as a file, and something over."""

from compute.texts import LONGEST

FILE_BYTES = 4 * LONGEST
"""The longest text as a file: UTF-8 takes up to four bytes for a character."""
BODY_BYTES = FILE_BYTES * 4 // 3 + FILE_BYTES + 2**20
"""The largest request. Files are sent in base64; what was pasted beside one is sent along."""
BUFFERED_BYTES = 4 * BODY_BYTES
"""waitress stops reading here. Up to this a request is heard to its end, so that the browser
learns why it was refused: it reports a connection that is closed before as a network error."""
STRANGERS_BYTES = 2**16
"""Of those who are not known nothing larger is heard, or they could fill the disk."""
HEADER_BYTES = 64 * 1024

TOO_LARGE = (
    f"That is more than Headscope takes at once ({BODY_BYTES / 1e6:.0f} MB). A text may have "
    f"{LONGEST:,} characters: cut it into parts. Of files choose fewer; of pictures, type their "
    "folder."
)
