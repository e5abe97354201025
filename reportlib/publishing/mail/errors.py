"""What can be wrong with mail."""

from reportlib.errors import ReportError


class MailError(ReportError):
    """A mail cannot be made, or the mail server cannot be reached or does not take any."""
